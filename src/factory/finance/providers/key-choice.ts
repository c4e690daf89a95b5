import { usageError } from '../../../lib/failure.ts';
import { redactText } from '../../../lib/text/redact.ts';

/** How a key is kept: sealed in providers.yaml, in an environment variable, or not at all. */
export type KeyChoice =
  | { kind: 'sealed'; key: string }
  | { kind: 'environment'; variable: string }
  | { kind: 'none' };

const MAX_KEY_CHARS = 10_000;

/** What the key is called, and how the name of a variable is given. */
export interface KeyWords {
  key: string;
  option: string;
  example: string;
}

const OF_PROVIDER = { key: 'API key', option: '--api-key-env', example: 'OPENAI_API_KEY' };

/** Throws `usage`: `key_invalid`, `variable_invalid`. */
export function checkedKey(choice: KeyChoice, words: KeyWords = OF_PROVIDER): KeyChoice {
  if (choice.kind === 'sealed') return { kind: 'sealed', key: checkedText(choice.key, words) };
  if (choice.kind === 'environment') refuseNoName(choice.variable, words);
  return choice;
}

function refuseNoName(variable: string, { option, example }: KeyWords): void {
  // A token may look like a name; it must not be told or kept in clear.
  if (/^[A-Za-z_][A-Za-z0-9_]{0,200}$/.test(variable) && redactText(variable) === variable) return;
  throw usageError(
    'variable_invalid',
    `${option} wants the name of an environment variable, not its value`,
    `Write for example ${option} ${example}`,
  );
}

/** A key goes into a header of each request: visible ASCII. The key itself is never part of a message. */
function checkedText(text: string, words: KeyWords): string {
  const key = text.trim();
  if (key !== '' && key.length <= MAX_KEY_CHARS && /^[\x21-\x7e]+$/.test(key)) return key;
  const odd =
    key.length > MAX_KEY_CHARS ? 'is too long' : 'holds blanks, line breaks or other odd characters';
  throw usageError(
    'key_invalid',
    `The ${words.key} ${key === '' ? 'is empty' : odd}`,
    'Copy it again from where it was made',
  );
}
