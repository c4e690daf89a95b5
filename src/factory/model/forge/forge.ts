import * as z from 'zod';
import { documentHead, moment } from '../../../lib/schema.ts';

export const forgeKind = z.enum(['github', 'gitlab']);
export type ForgeKind = z.infer<typeof forgeKind>;

/** `owner/name`; at GitLab with groups in groups, `group/below/name`. */
const REPOSITORY = /^[A-Za-z0-9_.][A-Za-z0-9_.-]*(\/[A-Za-z0-9_.][A-Za-z0-9_.-]*)+$/;

/** A repository at a forge, and what the factory may do there with it. */
export const forgeConfig = z.object({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'is no short name of lower-case letters, digits and dashes'),
  kind: forgeKind,
  repository: z.string().max(500).regex(REPOSITORY, 'is no OWNER/NAME'),
  /** Names that it had before: remotes may still call it so. */
  formerly: z.array(z.string()).default([]),
  /** `encrypted:…` or `env:NAME`; see `KeyVault`. */
  token: z.string(),
  /** Of its API. */
  url: z.url({ protocol: /^https?$/ }),
  addedAt: moment,
  /** When the forge last said that the token may do what is asked of it. Missing: it was not asked. */
  provedAt: moment.optional(),
  /** It is not asked before `until`. `refused`: until its owner does something, for it does not let the token do what is asked of it. */
  pause: z
    .object({
      since: moment,
      /** When `until` was named. Missing: at `since`. */
      said: moment.optional(),
      ...{ until: moment, why: z.string(), refused: z.boolean() },
    })
    .optional(),
});
export type ForgeConfig = z.infer<typeof forgeConfig>;

export const forgesFile = z.object({ ...documentHead, forges: z.array(forgeConfig).max(200).default([]) });
export type ForgesFile = z.infer<typeof forgesFile>;

/** What a token is sealed for, so that it opens for no provider and no other forge. */
export const keyOwner = (forgeId: string): string => `${OF_FORGE}${forgeId}`;
const OF_FORGE = 'forge/';

/** Whose token is kept there; `null` for the key of a provider. */
export const forgeOf = (ownerId: string): string | null =>
  ownerId.startsWith(OF_FORGE) ? ownerId.slice(OF_FORGE.length) : null;

/** Where its repositories are fetched from and pushed to, as `host` or `host:port`. */
export function gitHost({ url }: Pick<ForgeConfig, 'url'>): string {
  const { host } = new URL(url);
  return host.replace(/^api\.(?=github\.com$|.*\.ghe\.com$)/, '');
}
