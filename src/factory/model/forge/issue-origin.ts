import * as z from 'zod';

/** An issue at a forge, of which a project was made. */
export const issueOrigin = z.object({
  kind: z.literal('issue'),
  url: z.string(),
  number: z.number().int().positive(),
  author: z.string(),
  /** Id of the forge. */
  forge: z.string(),
  /** Hash of the title and the text that its agents know, and how often it was edited. */
  words: z.string(),
  edits: z.number().int().nonnegative().default(0),
  /** As it was when it was last looked at. */
  state: z.enum(['open', 'closed']).default('open'),
  /** By which the factory's comment is found again, when the answer to its creation was lost. */
  mark: z.uuid(),
  /** The factory's comment, and a hash of what it says. */
  comment: z.object({ id: z.string(), says: z.string() }).optional(),
});
export type IssueOrigin = z.infer<typeof issueOrigin>;

/** Whoever closed the issue of a project wants no more of it, also of what is done already. */
export function isIssueClosed({
  origin,
}: {
  origin?: { kind: string; state?: string } | undefined;
}): boolean {
  return origin?.kind === 'issue' && origin.state === 'closed';
}

/**
 * What its owner asked for by the description of a project: sentences of it may give leave for something. The text of an issue is what
 * somebody else wants done, and gives leave for nothing.
 */
export function ownersDescription(project: {
  description: string;
  origin?: { kind: string } | undefined;
}): string {
  return project.origin?.kind === 'issue' ? '' : project.description;
}
