import { literal } from '../../../lib/text/literal.ts';
import { pythonBlocks, pythonTests } from '../ecosystems/python-source.ts';
import { bodyAt } from '../proof/left-out.ts';
import { blankedCode, testPlaces } from '../proof/test-files.ts';

/*
 * Copies of a file's own tests in which one thing that they ask for is another one. They call the code under test as the tests do, so
 * they show what assertions on constants cannot: values that equal everything, and assertions that let pass what stands behind a
 * call of the product.
 */

/** A test to be put into the file's text. */
export interface Copy {
  at: number;
  text: string;
  title: string;
  /** Which assertion of which test it is, the same on the base commit. */
  of: string;
}

interface Change {
  start: number;
  end: number;
  text: string;
}

const MOST_OF_A_TEST = 2;
const MOST = 8;
/** A test that fails half way leaves open what it started, and its runner would wait for that. */
const STARTS =
  /listen\(|createServer|spawn|fork\(|exec\(|connect|setInterval|setTimeout|Worker|watch\(|launch|open\(|Popen|Thread|socket|subprocess|serve|sleep/i;
const EQUALS =
  /(?:^|\.)(?:(?:deep|strict|deepStrict|loose|deepLoose)?[eE]quals?|strictSame|same|is|eql?|assert(?:Equals?|(?:List|Tuple|Dict|Set|Sequence|MultiLine|Count)Equal))$/;
const EXPECTS = /^\s*\.(?:to\.(?:deep\.)?(?:equal|eql|eq)|to(?:Be|Equal|StrictEqual))\(/;

/**
 * @param own names of the file that come from the repository itself, so that a call of them may assert as well
 */
export function copiesIn(path: string, text: string, mark: string, own: readonly string[]): Copy[] {
  const copies = path.endsWith('.py')
    ? pythonCopies(path, text, own)
    : /\.[cm]?[jt]sx?$/.test(path)
      ? javascriptCopies(path, text, own)
      : [];
  return copies.slice(0, MOST).map(({ make, ...copy }, at) => {
    const title = `test_${mark}_copy${at + 1}_`;
    return { ...copy, title, text: make(title) };
  });
}

/** A script of assertions with another thing asked for in the last one that stands at its top. `null`: there is none. */
export function otherwise(path: string, text: string): string | null {
  const code = blankedCode(path, text);
  const changes = path.endsWith('.py')
    ? pythonChanges(path, text, code, { start: 0, end: text.length, indent: '' }, [])
    : javascriptChanges(path, text, code, { start: 0, end: text.length }, []);
  const last = changes.at(-1);
  return last === undefined ? null : changed(text, last, 0, text.length);
}

type Made = Omit<Copy, 'title' | 'text'> & { make(title: string): string };

function javascriptCopies(path: string, text: string, own: readonly string[]): Made[] {
  const code = blankedCode(path, text);
  return testPlaces(path, text).flatMap(({ title, start, end }) => {
    const head = /^[\w$]+(?:\.test)?\s*\(\s*(["'`])(?:\\.|(?!\1).)*\1/.exec(text.slice(start, end));
    if (title === '' || head === null || !standsAlone(code, start) || STARTS.test(code.slice(start, end)))
      return [];
    const from = start + head[0].length;
    const arrow =
      /^\s*,\s*(?:async\s+)?(?:(?:\([^()]*\)|[\w$]+)\s*=>|function\s*[\w$]*\s*\([^()]*\))\s*/.exec(
        code.slice(from, end),
      );
    if (arrow === null) return [];
    const body = from + arrow[0].length;
    const isBlock = code[body] === '{';
    const span = isBlock
      ? { start: body + 1, end: body + 1 + bodyAt(code, body + 1).length }
      : { start: body, end };
    return javascriptChanges(path, text, code, span, own)
      .slice(0, MOST_OF_A_TEST)
      .map((change, index) => ({
        at: start,
        of: `${title} ${index}`,
        make: (name: string) => {
          const call = text.slice(start, start + head[0].search(/["'`]/));
          return `${call}"${name}"${changed(text, change, from, end)};\n`;
        },
      }));
  });
}

/** Whether a statement begins there, that no condition or loop without brackets stands before. */
function standsAlone(code: string, at: number): boolean {
  const before = code.slice(0, at);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const above = before.trimEnd();
  if (line.trim() !== '' || !/(?:^|[;{})])$/.test(above)) return false;
  return !/^\s*(?:\}\s*)?(?:if|for|while|else)\b[^{]*$/.test(above.slice(above.lastIndexOf('\n') + 1));
}

function javascriptChanges(
  path: string,
  text: string,
  code: string,
  span: { start: number; end: number },
  own: readonly string[],
): Change[] {
  const changes: Change[] = [];
  const head = /(?:await\s+|return\s+)?([A-Za-z_$][\w$]*(?:\.[\w$]+)*)\(/y;
  let depth = 0;
  let begins = true;
  for (let at = span.start; at < span.end; at += 1) {
    const sign = code[at] ?? '';
    head.lastIndex = at;
    const callee = depth === 0 && begins && /\w|\$/.test(sign) ? head.exec(code)?.[1] : undefined;
    if (callee !== undefined) {
      const change = changeOf(path, text, code, { callee, open: head.lastIndex }, own);
      if (change !== null && change.end <= span.end) changes.push(change);
    }
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth -= 1;
    if (depth < 0) break;
    begins = /[;{}\n]/.test(sign) || (begins && /\s/.test(sign));
  }
  return changes;
}

/** @param call `open`: behind its bracket */
function changeOf(
  path: string,
  text: string,
  code: string,
  { callee, open }: { callee: string; open: number },
  own: readonly string[],
): Change | null {
  const args = argumentsAt(code, open);
  if (callee === 'expect') {
    const close = open + bodyAt(code, open).length + 1;
    const matcher = EXPECTS.exec(code.slice(close, close + 60));
    const [wanted] = matcher === null ? [] : argumentsAt(code, close + matcher[0].length);
    return wanted === undefined ? null : otherConstant(path, text, wanted);
  }
  const isOwn = own.some((name) => callee === name || callee.startsWith(`${name}.`));
  if ((!isOwn && !EQUALS.test(callee)) || args.length < 2) return null;
  const found = args.slice(0, isOwn ? args.length : 2).map((arg) => otherConstant(path, text, arg));
  const known = found.filter((change) => change !== null);
  // With nothing but constants nothing of the product is asked.
  return known.length === args.slice(0, 2).length && !isOwn ? null : (known.at(-1) ?? null);
}

function argumentsAt(code: string, open: number): { start: number; end: number }[] {
  const body = bodyAt(code, open);
  const found: { start: number; end: number }[] = [];
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

/** Another constant of the same kind in place of one. */
function otherConstant(path: string, text: string, place: { start: number; end: number }): Change | null {
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
  // A compiler may ask for the kind.
  if (/\.[cm]?tsx?$/.test(path)) return null;
  if (/^(?:\[[^()]*\]|\{[^()]*\}|null|None)$/.test(value)) return change('"something else"');
  return isPython && /^\([^()]*,[^()]*\)$/.test(value) ? change('"something else"') : null;
}

function pythonCopies(path: string, text: string, own: readonly string[]): Made[] {
  const code = blankedCode(path, text);
  return pythonTests(pythonBlocks(text)).flatMap(({ name, path: title, start, end }) => {
    const whole = text.slice(start, end);
    const header = new RegExp(`\\bdef\\s+${literal(name)}\\b`).exec(whole);
    if (header === null || STARTS.test(code.slice(start, end))) return [];
    const lines = code
      .slice(start + header.index, end)
      .split('\n')
      .slice(1);
    const indent = /^[ \t]+(?=\S)/.exec(lines.find((line) => line.trim() !== '') ?? '')?.[0];
    if (indent === undefined) return [];
    const from = start + header.index + header[0].length;
    return pythonChanges(path, text, code, { start: from, end, indent }, own)
      .slice(0, MOST_OF_A_TEST)
      .map((change, index) => ({
        at: end,
        of: `${title} ${index}`,
        make: (other: string) =>
          `\n\n${text.slice(start, from - name.length)}${other}${changed(text, change, from, end)}`,
      }));
  });
}

function pythonChanges(
  path: string,
  text: string,
  code: string,
  { start, end, indent }: { start: number; end: number; indent: string },
  own: readonly string[],
): Change[] {
  const changes: Change[] = [];
  const line = new RegExp(`^${indent}(?:([A-Za-z_][\\w.]*)\\(|(assert\\s+\\S.*?\\s==\\s*))`, 'gm');
  for (const found of code.slice(start, end).matchAll(line)) {
    const behind = start + found.index + found[0].length;
    if (found[1] !== undefined) {
      const change = changeOf(path, text, code, { callee: found[1], open: behind }, own);
      if (change !== null) changes.push(change);
      continue;
    }
    const stop = code.indexOf('\n', behind);
    const change = otherConstant(path, text, { start: behind, end: stop < 0 ? text.length : stop });
    if (change !== null) changes.push(change);
  }
  return changes;
}

function changed(text: string, change: Change, from: number, to: number): string {
  return text.slice(from, change.start) + change.text + text.slice(change.end, to);
}
