import { bodyAt } from '../test-source/brackets.ts';

/** One thing that an assertion asks for, and another one in its place. */
export interface Change {
  start: number;
  end: number;
  text: string;
}

/** A part of a file's text. */
export interface Span {
  start: number;
  end: number;
}

/** A file's text, and its code with what stands in strings and comments blanked out. */
export interface Source {
  path: string;
  text: string;
  code: string;
  /** Names of the file that come from the repository itself, so that a call of them may assert as well. */
  own: readonly string[];
}

const EQUALS =
  /(?:^|\.)(?:(?:deep|strict|deepStrict|loose|deepLoose)?[eE]quals?|strictSame|same|is|eql?|assert(?:Equals?|(?:List|Tuple|Dict|Set|Sequence|MultiLine|Count)Equal))$/;
const EXPECTS = /^\s*\.(?:to\.(?:deep\.)?(?:equal|eql|eq)|to(?:Be|Equal|StrictEqual))\(/;

/**
 * What a call asks for, changed.
 *
 * @param call `open`: behind its bracket
 * @returns `null` where it asks for nothing that can be changed, or is none by which tests assert
 */
export function changeOf(source: Source, { callee, open }: { callee: string; open: number }): Change | null {
  const { code, own } = source;
  const args = argumentsAt(code, open);
  if (callee === 'expect') {
    const close = open + bodyAt(code, open).length + 1;
    const matcher = EXPECTS.exec(code.slice(close, close + 60));
    const [wanted] = matcher === null ? [] : argumentsAt(code, close + matcher[0].length);
    return wanted === undefined ? null : otherValue(source, wanted);
  }
  const isOwn = own.some((name) => callee === name || callee.startsWith(`${name}.`));
  const [first, second] = args;
  if ((!isOwn && !EQUALS.test(callee)) || first === undefined || second === undefined) return null;
  const found = args.slice(0, isOwn ? args.length : 2).map((arg) => otherConstant(source, arg));
  const known = found.filter((change) => change !== null);
  // With nothing but constants nothing of the product is asked.
  if (known.length === 2 && !isOwn) return null;
  if (known.length > 0 || isOwn) return known.at(-1) ?? null;
  // Of two values that are no constants, what calls nothing is asked for, else the second.
  const calls = ({ start, end }: Span) => code.slice(start, end).includes('(');
  return otherValue(source, calls(second) && !calls(first) ? first : second);
}

function argumentsAt(code: string, open: number): Span[] {
  const body = bodyAt(code, open);
  const found: Span[] = [];
  let [start, depth] = [0, 0];
  for (let at = 0; at <= body.length; at += 1) {
    const sign = body[at] ?? ',';
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth -= 1;
    else if (sign === ',' && depth === 0) {
      if (body.slice(start, at).trim() !== '') found.push({ start: open + start, end: open + at });
      start = at + 1;
    }
  }
  return found;
}

/** A compiler may ask for the kind. */
const isTyped = (path: string): boolean => /\.[cm]?tsx?$/.test(path);

/** Another constant in place of one; in place of anything else a list with it, which equals nothing that it equals. */
export function otherValue(source: Source, place: Span): Change | null {
  const constant = otherConstant(source, place);
  if (constant !== null || isTyped(source.path)) return constant;
  const raw = source.text.slice(place.start, place.end);
  const value = raw.trim();
  // No strings, comments or signs that bind less than a list's comma does: a copy that does not parse would take its file along.
  if (value !== source.code.slice(place.start, place.end).trim()) return null;
  if (!/^[\w$.[\]()+ -]+$/.test(value) || bodyAt(value, 0) !== value) return null;
  if (/(?<![\w$.])(?:and|or|if|else|in|is|not|lambda|await|yield|new)(?![\w$])/.test(value)) return null;
  const start = place.start + raw.indexOf(value);
  return { start, end: start + value.length, text: `[${value}, "something else"]` };
}

/** Another constant of the same kind in place of one. */
function otherConstant({ path, text }: Source, place: Span): Change | null {
  const raw = text.slice(place.start, place.end);
  const value = raw.trim();
  const start = place.start + raw.indexOf(value);
  const change = (other: string): Change => ({ start, end: start + value.length, text: other });
  if (/^-?\d[\d_]*(?:\.\d+)?n?$/.test(value))
    return change(`(${value} + ${value.endsWith('n') ? '1013n' : '1013'})`);
  if (/^(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')$/.test(value)) return change('"something else"');
  const isPython = path.endsWith('.py');
  if (/^(?:true|false)$/.test(value)) return change(value === 'true' ? 'false' : 'true');
  if (isPython && /^(?:True|False)$/.test(value)) return change(value === 'True' ? 'False' : 'True');
  if (isTyped(path)) return null;
  if (/^(?:\[[^()]*\]|\{[^()]*\}|null|None)$/.test(value)) return change('"something else"');
  return isPython && /^\([^()]*,[^()]*\)$/.test(value) ? change('"something else"') : null;
}

/** A part of the text with the change in it. */
export function changed(text: string, change: Change, from: number, to: number): string {
  return text.slice(from, change.start) + change.text + text.slice(change.end, to);
}
