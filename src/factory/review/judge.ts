/** When a finding is confirmed: pure rules over what the factory ran. */
import { shellMeaning } from '../gates/run/exit-code.ts';
import type { ReproRun, ReviewFinding, ReviewVerdict } from '../model/review.ts';
import type { SaidFinding } from './answer.ts';
import type { LineRange } from './changed-lines.ts';

export interface Judgement {
  verdict: ReviewVerdict;
  /** One sentence. */
  why: string;
}

/** What was changed, and what stands in the two trees. */
export interface Change {
  /** Files that differ. One whose lines are not known (the patch is cut, the file is binary) has any line. */
  files: ReadonlySet<string>;
  lines: ReadonlyMap<string, readonly LineRange[]>;
  /** All paths of base and head. */
  paths: ReadonlySet<string>;
}

const rejected = (why: string): Judgement => ({ verdict: 'rejected', why });
const open = (why: string): Judgement => ({ verdict: 'not_confirmed', why });

/** What can be said of a finding before anything is run; `null`: its repro decides. */
export function judgeBefore({ file, line, repro }: SaidFinding, change: Change): Judgement | null {
  if (!change.files.has(file)) return rejected(`The change does not touch ${file}.`);
  const ranges = change.lines.get(file);
  if (
    ranges !== undefined &&
    ranges.length > 0 &&
    !ranges.some(([first, last]) => line >= first && line <= last)
  )
    return rejected(`Line ${line} of ${file} is outside of what was changed.`);
  if (repro === undefined || repro === null) return open('There is no repro, so nothing could be run.');
  const taken = repro.files?.find(({ path }) => clashes(path, change.paths));
  if (taken !== undefined)
    return rejected(`Its repro would put ${taken.path} in the place of what the repository has there.`);
  return null;
}

function clashes(path: string, paths: ReadonlySet<string>): boolean {
  if (paths.has(path)) return true;
  for (const other of paths) if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) return true;
  return false;
}

/** A run with what it did to the tree's own files. */
export interface SeenRun extends ReproRun {
  changed: readonly string[];
}

/**
 * What the runs so far say: first on the head, then on the base, then on the head again. `null`: another is needed.
 *
 * @param said the exit code that the finder promised
 */
export function judgeRuns(said: number, runs: readonly SeenRun[]): Judgement | null {
  const [first, onBase, again] = runs;
  if (first === undefined) return null;
  const head = judgeHead(said, first);
  if (head !== null) return head;
  if (onBase === undefined) return null;
  if (onBase.ended !== 'exit')
    return open(`On the base it did not come to its end (${onBase.ended}), so nothing can be compared.`);
  if (onBase.exitCode === said)
    return rejected(
      `It ends with exit code ${said} on the base as well: the change has nothing to do with it.`,
    );
  if (again === undefined) return null;
  if (again.ended !== 'exit' || again.exitCode !== said)
    return open(`It does not fail every time: the second run on the head ended ${endOf(again)}.`);
  return {
    verdict: 'confirmed',
    why: `Exit code ${said} on the head, twice, as was said, and ${onBase.exitCode} on the base.`,
  };
}

function judgeHead(said: number, { ended, exitCode, changed, ...run }: SeenRun): Judgement | null {
  if (changed.length > 0)
    return rejected(`Its repro changes files of the repository: ${changed.slice(0, 3).join(', ')}.`);
  if (ended !== 'exit') return open(`Its repro did not come to its end (${ended}).`);
  if (exitCode === 0) return rejected('Its repro passes on the head: there is no such fault.');
  if (exitCode === said) return null;
  return open(`Its repro ended ${endOf({ ended, exitCode, ...run })}, not with ${said} as was said.`);
}

function endOf({ ended, exitCode }: ReproRun): string {
  if (ended !== 'exit') return `by a limit (${ended})`;
  const meaning = exitCode === null ? null : shellMeaning(exitCode);
  return `with exit code ${exitCode}${meaning === null ? '' : `, which a shell reports for ${meaning}`}`;
}

/** Lines between two findings about one fault, at the most. */
const NEAR_LINES = 3;
/** Words that two claims about one fault share, as part of those of the shorter one. */
const SHARED_WORDS = 0.5;

const RANK = {
  verdict: { confirmed: 0, not_confirmed: 1, rejected: 2 },
  severity: { critical: 0, major: 1, minor: 2 },
} as const;

/** Findings that say the same as another one of more weight, which stays: by id, the id of that. */
export function duplicates(findings: readonly ReviewFinding[]): ReadonlyMap<string, string> {
  const order = findings
    .filter(({ verdict }) => verdict !== 'rejected')
    .toSorted(
      (a, b) =>
        RANK.verdict[a.verdict] - RANK.verdict[b.verdict] ||
        RANK.severity[a.severity] - RANK.severity[b.severity],
    );
  const found = new Map<string, string>();
  const kept: ReviewFinding[] = [];
  for (const each of order) {
    const same = kept.find((other) => isSame(each, other));
    if (same === undefined) kept.push(each);
    else found.set(each.id, same.id);
  }
  return found;
}

function isSame(a: ReviewFinding, b: ReviewFinding): boolean {
  if (a.file !== b.file || Math.abs(a.line - b.line) > NEAR_LINES) return false;
  if (a.repro !== undefined && JSON.stringify(a.repro) === JSON.stringify(b.repro)) return true;
  const [one, two] = [wordsOf(a.claim), wordsOf(b.claim)];
  const shared = [...one].filter((word) => two.has(word)).length;
  return shared > 0 && shared >= SHARED_WORDS * Math.min(one.size, two.size);
}

/** The ones that carry meaning: three letters and more. */
const wordsOf = (text: string) => new Set(text.toLowerCase().match(/[\p{L}\p{N}_]{3,}/gu) ?? []);
