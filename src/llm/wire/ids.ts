import { createHash } from 'node:crypto';

/** Which ids of tool calls an endpoint takes. */
export type IdRule =
  /** What OpenAI (at most 40 characters) and Anthropic (letters, digits, dash, underscore) both take. */
  | 'common'
  /** Mistral: nine letters or digits. */
  | 'nine';

const FITS: Record<IdRule, RegExp> = { common: /^[a-zA-Z0-9_-]{1,40}$/, nine: /^[a-zA-Z0-9]{9}$/ };

/**
 * Maps the ids of one conversation, call by call in order. An id that fits and was not used before stays; any other
 * becomes a hash of itself and its number of use, so that the same conversation always gets the same ids (prompt caches
 * depend on it) and no two calls share one.
 */
export function createIdMapper(rule: IdRule): (id: string) => string {
  const uses = new Map<string, number>();
  const taken = new Set<string>();
  return (id) => {
    const use = uses.get(id) ?? 0;
    uses.set(id, use + 1);
    let mapped = use === 0 && FITS[rule].test(id) ? id : hashed(rule, `${use}\n${id}`);
    for (let salt = 0; taken.has(mapped); salt += 1) mapped = hashed(rule, `${use}\n${salt}\n${id}`);
    taken.add(mapped);
    return mapped;
  };
}

function hashed(rule: IdRule, text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return rule === 'nine' ? hex.slice(0, 9) : `call_${hex.slice(0, 24)}`;
}
