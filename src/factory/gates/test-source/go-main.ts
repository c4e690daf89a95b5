import { literal } from '../../../lib/text/literal.ts';
import { bodyAt, outsideOfBlocks } from './brackets.ts';
import type { Place } from './left-out.ts';

/**
 * The `TestMain` of a file of Go, where it runs all tests whatever else it does, and ends as they did.
 *
 * @param code without comments and strings
 */
export function plainRuns(code: string): Place[] {
  const head = /^func\s+TestMain\s*\(\s*(\w+)\s+\*testing\.M\s*\)\s*\{/m.exec(code);
  if (head === null) return [];
  const from = head.index + head[0].length;
  const body = bodyAt(code, from);
  if (/\b(?:return|goto|flag(?!\.Parse\(\))|syscall|Goexit)\b|\bos\.Args\b/.test(body)) return [];
  return endsAsRun(body, head[1] ?? '') ? [{ start: head.index, end: from + body.length + 1 }] : [];
}

function endsAsRun(body: string, main: string): boolean {
  // In a block of its own it might never be run.
  const top = outsideOfBlocks(body);
  const exits = [...body.matchAll(/\bos\.Exit\(((?:[^()]|\(\))*)\)/g)];
  const [exit, value = ''] = exits[0] ?? [];
  // Without an exit what calls this ends as the tests did; so does what looks for goroutines that are left.
  if (exit === undefined)
    return new RegExp(
      `^\\s*(?:(?:\\w+\\s*:?=\\s*)?${main}\\.Run\\(\\)\\s*;?\\s*$|goleak\\.VerifyTestMain\\(\\s*${main}\\b)`,
      'm',
    ).test(top);
  if (exits.length > 1 || !top.includes(exit)) return false;
  if (value === `${main}.Run()`) return true;
  return (
    new RegExp(`(?<!\\w)${literal(value)}\\s*:=\\s*${main}\\.Run\\(\\)\\s*?$`, 'm').test(top) &&
    !new RegExp(`(?<!\\w)${literal(value)}\\s*(?:[^\\w\\s:=!<>]?=(?!=)|\\+\\+|--)`).test(body)
  );
}
