import { literal } from '../../../lib/text/literal.ts';

/* Names that code gives to something, and comparisons of what has them, by its text alone. */

export interface Name {
  /** As it is declared: `trace`, `this.trace`. */
  name: string;
  /** For how many further lines it is that. */
  lines: number;
}

/** Longer lines are no code that anybody wrote. */
export const LONGEST_LINE = 2_000;

/** Lines within which a name of a function's own is used, and one of a call or a single letter. */
export const NEAR = 40;
const NEXT = 6;

/** A call that goes on in further lines is one. */
export function statementsOf(lines: readonly string[]): string[] {
  const statements: string[] = [];
  for (const line of lines) {
    const last = statements.at(-1);
    const goesOn = last !== undefined && /^\s*(?:\??\.|->)\w/.test(line);
    if (goesOn && last.length + line.length < LONGEST_LINE)
      statements.push(`${statements.pop()}${line.trim()}`);
    else statements.push(line);
  }
  return statements;
}

/** A name alone is no member of something else, and a member has something before it. */
export function mentionOf(name: string): string {
  const [, member] = /(?:\.|->)(\w+)$/.exec(name) ?? [];
  return member === undefined ? `(?<![\\w$.@#])${literal(name)}(?![\\w$])` : `(?:\\.|->)${member}(?!\\w)`;
}

const IDENTIFIER = /(?:[\w\])]\s*(?:\.|->))?[$@]?[A-Za-z_]\w*$/;
const NO_NAME = /^(?:|_|const|let|var|val|mut|this|self|undefined|null|None)$/;
const LOOP = /\bfor(?:each)?\b[^=\n]*?(\w+)\s*(?::|\bof\b|\bin\b)|\bas\s+(\$?\w+)\)/g;
const GIVEN = /\(?\s*(\$?\w+)\s*(?:,[^()\n]*)?\)?\s*(?:=>|->)|\|\s*(\w+)\s*\||\blambda\s+(\w+)/g;

/**
 * Names that a line gives to something: by an assignment, a loop, or a function that is called with it.
 *
 * @param pattern of which the groups are the only names
 */
export function declaredOn(line: string, pattern?: RegExp): Name[] {
  const lasting = /^\S/.test(line) ? Number.POSITIVE_INFINITY : NEAR;
  const assigned = (pattern?.exec(line)?.slice(1) ?? assignedOn(line)).map((name) => ({
    name,
    lines: name.length === 1 ? NEXT : lasting,
  }));
  const within = (found: RegExp, lines: number) =>
    [...line.matchAll(found)].map(([, ...names]) => ({ name: names.find((each) => each) ?? '', lines }));
  const others = pattern === undefined ? [...within(LOOP, NEAR), ...within(GIVEN, NEXT)] : [];
  return [...assigned, ...others].filter(({ name }) => !NO_NAME.test(name));
}

function assignedOn(line: string): string[] {
  const sign = /(?<![=!<>+\-*/|&?])=(?![=>~])/.exec(line);
  if (sign === null) return [];
  const left = line.slice(0, sign.index).replace(/:?\s*$/, '');
  const [, inside] = /[{[(]([^{}[\]()]*)[}\])]$/.exec(left) ?? [];
  // Types stand behind a name, and new names behind those of a structure.
  const parts = inside === undefined ? left.replace(/:(?!:)[^:,]*$/, '').split(',') : inside.split(',');
  return parts.map((part) => IDENTIFIER.exec(part.trim())?.[0] ?? '');
}

const METHODS =
  'includes|indexOf|lastIndexOf|match|matchAll|search|startsWith|endsWith|startswith|endswith|find|rfind|index|count|contains|' +
  'starts_with|ends_with|matches|equals|equalsIgnoreCase|include\\?|start_with\\?|end_with\\?|match\\?';
const FUNCTIONS =
  '(?:strings\\.\\w+|filepath\\.Match|path\\.Match|\\w*MatchString|str_\\w+|stri?pos|strstr|fnmatch)';

/** A comparison of what a pattern finds with a text that holds such a word. */
export function compared(name: string, word: string): RegExp {
  const text = `\\[?[rbf]?["'\`/][^"'\`\\n]{0,100}?(?:${word})`;
  const rest = '[^"\'`\\n]{0,100}?["\'`/][a-z]*\\s*';
  const within = '(?:(?!&&|\\|\\|| and | or )[^\\n;]){0,200}?';
  return new RegExp(
    [
      `${name}${within}(?:\\.(?:${METHODS})\\(\\s*|(?<![=!])[!=]==?\\s*|=~\\s*)${text}`,
      `\\b${FUNCTIONS}\\([^\\n]{0,100}?${name}[^\\n]{0,100}?,\\s*${text}`,
      `\\b(?:re\\.\\w+|preg_match|\\w*MatchString)\\(\\s*${text}[^\\n]{0,100}?,[^\\n]{0,100}?${name}`,
      `${text}${rest}(?:\\.(?:test|exec)\\(|(?:not\\s+)?in\\b|[!=]==?)${within}${name}`,
    ].join('|'),
  );
}
