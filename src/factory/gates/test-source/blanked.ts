import type { Language } from './left-out.ts';

const QUOTED = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/;
/** Raw strings, strings over several lines, and single characters: a quote alone begins the name of a lifetime (`&'a str`). */
const RUST =
  /\b[bc]?r(?<hashes>#*)"[\s\S]*?"\k<hashes>|"(?:\\[\s\S]|[^"\\])*"|'(?:\\(?:u\{[^}\n]*\}|[^u\n][^'\n]{0,2})|[\ud800-\udbff][\udc00-\udfff]|[^'\\\n])'/;
/** A slash after one of these begins a regular expression of JavaScript. */
const REGEX =
  /(?<=(?:^|[(,=:[!&|?{};])[ \t]*|\breturn[ \t]+)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//;

/** What stands for itself in a language, as a part of a regular expression: comments are none in it. */
export const LITERALS: Readonly<Record<Exclude<Language, 'python'>, string>> = {
  js: `${QUOTED.source}|\`(?:\\\\.|[^\`\\\\])*\`|${REGEX.source}`,
  rust: RUST.source,
  // A backslash means nothing in a raw string.
  go: `${QUOTED.source}|\`[^\`]*\``,
};

/** Blanks comments, at the same length; a `//` in a string is no comment. */
export function withoutComments(text: string, literals: string): string {
  const pattern = new RegExp(`(${literals})|${COMMENT.source}`, 'gm');
  return text.replace(pattern, (all, string?: string) => string ?? all.replace(/[^\n]/g, ' '));
}

/** Blanks what stands in strings, at the same length: a test that is only text is none. */
export function withoutStrings(text: string, literals: string): string {
  return text.replace(new RegExp(literals, 'gm'), (all) => `"${all.slice(1, -1).replace(/[^\n]/g, '_')}"`);
}
