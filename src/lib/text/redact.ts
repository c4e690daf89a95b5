/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

/** Secrets shorter than this are not searched for word by word: they would shred ordinary text. */
const SHORTEST_SECRET = 5;
/** Values nested deeper than this are left out. */
const DEEPEST = 12;

/** Forms of keys that are recognised without knowing them. `$1` of a pattern, where it has one, is kept. */
const PATTERNS: readonly RegExp[] = [
  // A private key, also one that was cut before its end.
  /(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----)[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
  // `x-api-key: …`, `"apiKey":"…"`, `Authorization: Bearer …`
  /(\b(?:x-)?(?:goog-)?(?:api[-_]?key|authorization)\\?["']?\s*[:=]\s*\\?["']?(?:(?:Bearer|Basic)\s+)?)[^\s"',;}\\]{4,}/gi,
  /(\bBearer\s+)(?=\S*\d|\S{20})[A-Za-z0-9._~+/=*-]{8,}/gi,
  // OpenAI, Anthropic, OpenRouter and whoever took up their form; masked ones with asterisks too.
  /(?<![A-Za-z0-9_])sk-[A-Za-z0-9_*-]{10,}/g,
  /(?<![A-Za-z0-9_])(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}/g,
  // GitHub, GitLab, Slack, Hugging Face, Groq, Google, Amazon.
  /(?<![A-Za-z0-9_])(?:gh[opsur]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,})/g,
  /(?<![A-Za-z0-9_])(?:xox[abeprs]-[A-Za-z0-9-]{10,}|hf_[A-Za-z0-9]{20,}|gsk_[A-Za-z0-9]{20,}|AIza[A-Za-z0-9_-]{30,}|(?:AKIA|ASIA)[A-Z0-9]{16})/g,
  // The password in a URL such as redis://user:password@host.
  /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,200}(?=@)/gi,
];

/** Fields whose value is a secret whatever it looks like; names compared without case, dashes and underscores. */
const SECRET_FIELDS = new Set([
  'apikey',
  'xapikey',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'password',
  'passphrase',
  'secret',
  'clientsecret',
  'accesstoken',
  'refreshtoken',
  'privatekey',
  'masterkey',
]);

export interface Redactor {
  text(text: string): string;
  /** A copy with every text redacted, fit for JSON: errors become plain objects, cycles and great depth are cut. */
  value(value: unknown): unknown;
}

/**
 * Takes secrets out of texts and nested values, for logs, errors, events and reports. Pure: the same input gives the
 * same output, and nothing is kept.
 *
 * @param secrets known secrets, taken out wherever they stand, also JSON- or URL-escaped; those under 5 characters are ignored
 */
export function createRedactor(secrets: readonly string[] = []): Redactor {
  const known = [...new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(spellings))];
  // The longest first: a secret that begins with another one must not leave its end behind.
  known.sort((one, other) => other.length - one.length);

  function text(input: string): string {
    let output = input;
    for (const secret of known) output = output.replaceAll(secret, REDACTED);
    for (const pattern of PATTERNS) {
      output = output.replace(pattern, (_all, kept: unknown) =>
        typeof kept === 'string' ? `${kept}${REDACTED}` : REDACTED,
      );
    }
    return output;
  }

  function walk(value: unknown, path: readonly object[]): unknown {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Date) return value;
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (path.includes(value)) return '[circular]';
    if (path.length >= DEEPEST) return '[too deep]';
    const inside = [...path, value];
    if (Array.isArray(value)) return value.map((item) => walk(item, inside));
    if (value instanceof Map) return walk([...value.entries()], inside);
    if (value instanceof Set) return walk([...value.values()], inside);
    const fields = value instanceof Error ? { ...errorFields(value), ...value } : value;
    return Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [
        text(name),
        isSecretField(name) && isFilled(field) ? REDACTED : walk(field, inside),
      ]),
    );
  }

  return { text, value: (value) => walk(value, []) };
}

/** Redacts a text by pattern, and by the secrets given. */
export function redactText(input: string, secrets: readonly string[] = []): string {
  return createRedactor(secrets).text(input);
}

/** Redacts a nested value by pattern and field name, and by the secrets given. */
export function redactValue(value: unknown, secrets: readonly string[] = []): unknown {
  return createRedactor(secrets).value(value);
}

/** Through a Buffer, since encodeURIComponent throws for half a surrogate pair. */
function spellings(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(Buffer.from(secret).toString())];
}

/** `message`, `stack` and `cause` of an error are not enumerable, so a plain walk would miss them. */
function errorFields(error: Error): Record<string, unknown> {
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  };
}

const isSecretField = (name: string) => SECRET_FIELDS.has(name.toLowerCase().replace(/[-_\s]/g, ''));

/** `env:NAME` names a variable, it is no secret and helps the reader. */
const isFilled = (field: unknown) =>
  field !== undefined &&
  field !== null &&
  field !== '' &&
  !(typeof field === 'string' && field.startsWith('env:'));
