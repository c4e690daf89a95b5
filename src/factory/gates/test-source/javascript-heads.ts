import { bodyAt } from './brackets.ts';

const MODIFIER =
  /\s*\.(?:skip|only|todo|concurrent|sequential|failing|fails|(skipIf|runIf|each|for))\b(?:<[^()]{0,300}?>(?=\s*[("]))?\s*/y;

/** Behind the bracket in which a test of JavaScript is declared: a table or a condition may be given before it. */
export function behindHead(code: string, start: number): number | null {
  let at = start;
  MODIFIER.lastIndex = at;
  for (let found = MODIFIER.exec(code); found !== null; found = MODIFIER.exec(code)) {
    at += found[0].length;
    if (found[1] !== undefined) {
      const end = behindArgument(code, at);
      if (end === null) return null;
      at = end;
    }
    MODIFIER.lastIndex = at;
  }
  const [bracket] = /^\s*(?:<[^()]{0,300}?>\s*)?\(/.exec(code.slice(at, at + 400)) ?? [];
  return bracket === undefined ? null : at + bracket.length;
}

/** Behind what is given in brackets, or as a template. */
function behindArgument(code: string, at: number): number | null {
  if (code[at] === '(') return at + 1 + bodyAt(code, at + 1).length + 1;
  const close = code[at] === '"' ? code.indexOf('"', at + 1) : -1;
  return close < 0 ? null : close + 1;
}

/**
 * Whether a test of Playwright leaves itself out under a condition, rather than that a test is declared that is left out:
 * `test.skip(isMobile, 'no mouse')`.
 *
 * @param head between the name and what is given
 */
export function isCondition(head: string, given: string): boolean {
  const values = given.trim().replace(/,$/, '');
  if (!/^\s*\.skip\s*\($/.test(head) || /^"[^"]*"\s*(?:,|$)/.test(values)) return false;
  return values.endsWith('"') || !/,|=>|\bfunction\b/.test(values);
}
