import { createHash, randomUUID } from 'node:crypto';

/** Makes identifiers; handed in as an argument so that a test can make them predictable. */
export type NewId = () => string;

export const newUuid: NewId = () => randomUUID();

/**
 * The same text always gives the same UUID (version 8 of RFC 9562, from SHA-256), so that an act that is repeated after a
 * crash finds what it made the first time.
 */
export function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
