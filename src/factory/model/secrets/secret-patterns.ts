/** A part of a text, by offsets. */
export interface Span {
  start: number;
  end: number;
  kind: string;
}

/**
 * Keys by their shape. Looser than the vendors' exact lengths: a shortened, older or newer form is a key, too. None of them
 * looks back over what it has read, so that a hostile text cannot make them slow.
 */
const SHAPES: readonly { kind: string; pattern: RegExp }[] = [
  { kind: 'Anthropic key', pattern: /(?<![\w-])sk-ant-[\w-]{16,}/g },
  {
    kind: 'API key (sk-…)',
    pattern: /(?<![\w-])sk-(?!ant-)(?:[A-Za-z0-9]{1,12}[-_]){0,3}(?=[A-Za-z]{0,40}\d)[A-Za-z0-9]{16,}/g,
  },
  { kind: 'Stripe key', pattern: /(?<![A-Za-z0-9])[sr]k_live_[A-Za-z0-9]{10,}/g },
  { kind: 'GitHub token', pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/g },
  { kind: 'AWS access key', pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{12,}/g },
  {
    kind: 'private key',
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY[A-Z ]{0,10}-----(?:\s|\\[nr]){0,20}(?:[A-Za-z-]{1,40}: [^\n]{0,200}\s{1,4}){0,4}[A-Za-z0-9+/=]{12,}/g,
  },
];

export function findShapes(text: string): Span[] {
  return SHAPES.flatMap(({ kind, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({
      kind,
      start: match.index,
      end: match.index + match[0].length,
    })),
  );
}

/** One span for each place: of overlapping ones the first counts. In order of place. */
export function distinct(spans: readonly Span[]): Span[] {
  const kept: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1);
    if (last === undefined || span.start >= last.end) kept.push(span);
  }
  return kept;
}

/** From 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** The owner's regular expressions, tried on the path and on what was found. */
export function allower(patterns: readonly string[]): (path: string, found: string) => boolean {
  const compiled = patterns.map((pattern) => new RegExp(pattern));
  return (path, found) => compiled.some((pattern) => pattern.test(path) || pattern.test(found));
}

export function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
