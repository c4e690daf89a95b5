import * as z from 'zod';
import { documentHead, moment } from '../../lib/schema.ts';

/** What somebody may do on pages and through the API: a viewer reads, an operator also acts on projects, an owner does all. */
export const role = z.enum(['viewer', 'operator', 'owner']);
export type Role = z.infer<typeof role>;

export function allows(has: Role, needed: Role): boolean {
  return role.options.indexOf(has) >= role.options.indexOf(needed);
}

/** Somebody's way in. The token itself is printed once and stored nowhere. */
const accessToken = z.object({
  /** Stands at the beginning of the token, so that it is found without comparing secrets. */
  id: z.string().regex(/^[0-9a-f]{8}$/),
  /** Whose it is; stands in the audit log beside what was done with it. */
  name: z.string().min(1).max(64),
  role,
  /** SHA-256 of the token, hex: 192 random bits need no slow hash. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: moment,
});
export type AccessToken = z.infer<typeof accessToken>;

export const tokensFile = z.object({ ...documentHead, tokens: z.array(accessToken).max(1_000) });
export type TokensFile = z.infer<typeof tokensFile>;
