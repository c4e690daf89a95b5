import { randomUUID } from 'node:crypto';

/** Makes identifiers; handed in as an argument so that a test can make them predictable. */
export type NewId = () => string;

export const newUuid: NewId = () => randomUUID();
