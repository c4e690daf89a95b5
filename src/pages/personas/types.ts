import type { FoundPersona } from '../../state/personas.ts';

/** A persona with the text of its file. */
export interface PersonaShown extends FoundPersona {
  text: string;
  fileVersion: string;
}

export type { FoundPersona };
