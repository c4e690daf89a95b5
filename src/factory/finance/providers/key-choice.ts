import { usageError } from '../../../lib/failure.ts';

/** How a key is kept: sealed in providers.yaml, in an environment variable, or not at all. */
export type KeyChoice =
  | { kind: 'sealed'; key: string }
  | { kind: 'environment'; variable: string }
  | { kind: 'none' };

const MAX_KEY_CHARS = 10_000;

/** Throws `usage`: `key_invalid`, `variable_invalid`. */
export function checkedKey(choice: KeyChoice): KeyChoice {
  if (choice.kind === 'sealed') return { kind: 'sealed', key: checkedText(choice.key) };
  if (choice.kind === 'environment') refuseNoName(choice.variable);
  return choice;
}

function refuseNoName(variable: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,200}$/.test(variable)) return;
  throw usageError(
    'variable_invalid',
    '--api-key-env wants the name of an environment variable, not its value',
    'Write for example --api-key-env OPENAI_API_KEY',
  );
}

/** A key goes into a header of each request: visible ASCII. The key itself is never part of a message. */
function checkedText(text: string): string {
  const key = text.trim();
  if (key !== '' && key.length <= MAX_KEY_CHARS && /^[\x21-\x7e]+$/.test(key)) return key;
  const odd =
    key.length > MAX_KEY_CHARS ? 'is too long' : 'holds blanks, line breaks or other odd characters';
  throw usageError(
    'key_invalid',
    `The API key ${key === '' ? 'is empty' : odd}`,
    'Copy it again from where it was made',
  );
}
