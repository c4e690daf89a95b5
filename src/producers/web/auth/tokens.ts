import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TokensFile } from '../../../factory/model/access.ts';
import { type AccessToken, allows, type Role } from '../../../factory/model/access.ts';
import type { DocumentStore } from '../../../factory/ports.ts';
import { DarkFactoryError } from '../../../lib/failure.ts';

/** Who asks, and what they may do. */
export interface Identity {
  role: Role;
  /** For the audit log: `token:NAME`, or `link` for who has the link that was printed. */
  by: string;
}

/** `df_`, its id, and 192 random bits. */
const FORM = /^df_([0-9a-f]{8})_[A-Za-z0-9_-]{32}$/;

/** @returns the new token, which is nowhere else; throws `usage`/`token_name_taken` */
export async function addToken(
  tokens: DocumentStore<TokensFile>,
  { name, role, now }: { name: string; role: Role; now: Date },
): Promise<{ token: string; stored: AccessToken }> {
  const id = randomBytes(4).toString('hex');
  const token = `df_${id}_${randomBytes(24).toString('base64url')}`;
  const stored = { id, name, role, hash: hashOf(token).toString('hex'), createdAt: now };
  await tokens.update((file) => {
    if (file.tokens.some((each) => each.name === name))
      throw new DarkFactoryError(
        'usage',
        'token_name_taken',
        `There is a token named ${name} already`,
        `Nothing was changed. Take another name, or remove that one first: df token remove ${name}`,
      );
    return { ...file, tokens: [...file.tokens, stored] };
  });
  return { token, stored };
}

/** Throws `not_found`/`token_not_found`. */
export async function removeToken(tokens: DocumentStore<TokensFile>, name: string): Promise<AccessToken> {
  const found = (await tokens.get()).tokens.find((each) => each.name === name || each.id === name);
  if (found === undefined)
    throw new DarkFactoryError(
      'not_found',
      'token_not_found',
      `There is no token named ${name.slice(0, 80)}`,
      'See df token list.',
    );
  await tokens.update((file) => ({ ...file, tokens: file.tokens.filter(({ id }) => id !== found.id) }));
  return found;
}

/** Whose token this is; `null` for one that nobody has. */
export function findToken({ tokens }: TokensFile, shown: string): Identity | null {
  const [, id] = FORM.exec(shown) ?? [];
  const found = tokens.find((each) => each.id === id);
  if (found === undefined || !timingSafeEqual(hashOf(shown), Buffer.from(found.hash, 'hex'))) return null;
  return { role: found.role, by: `token:${found.name}` };
}

/**
 * What a browser's cookie holds in place of a token. A cookie goes to every port of its host, also to programs there that are somebody
 * else's: what these learn is no bearer, and worth nothing once its token is removed. It follows from the token, so pages that were left
 * open go on when the server comes again.
 */
export const sessionOf = (token: string): string => sessionFor(hashOf(token));

/** Whose session this is; `null` for one that no token has. */
export function findSession({ tokens }: TokensFile, shown: string): Identity | null {
  const found = tokens.find(({ hash }) => sameSecret(shown, sessionFor(Buffer.from(hash, 'hex'))));
  return found === undefined ? null : { role: found.role, by: `token:${found.name}` };
}

const sessionFor = (hash: Buffer): string =>
  createHmac('sha256', hash).update('df board').digest('base64url');

/** Compares in constant time whatever the lengths are. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(hashOf(given), hashOf(expected));
}

export function mayDo(identity: Identity, needed: Role): boolean {
  return allows(identity.role, needed);
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
