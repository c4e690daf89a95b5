export interface SlugOptions {
  /** Longest result in characters. Default 40. */
  max?: number;
  /** What stands for a text without a single usable character (an emoji, for example). Must be a slug itself. */
  fallback?: string;
}

/** More than any name needs; keeps a name of 100 KB from being normalised whole. */
const READ_AT_MOST = 1_000;

/**
 * A text of `a-z`, `0-9` and single inner hyphens made from any text: safe as a ref component, a file name and an
 * unquoted shell word, and never an option (it starts with a letter or digit).
 */
export function slug(text: string, options: SlugOptions = {}): string {
  const plain = text
    .slice(0, READ_AT_MOST)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, options.max ?? 40)
    .replace(/-+$/, '');
  return plain === '' ? (options.fallback ?? 'project') : plain;
}
