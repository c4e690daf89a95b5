import { isKept, type Permission, permission } from '../pins/permission.ts';
import type { CheckOutcome } from '../run/run-check.ts';
import {
  type Files,
  filesOf,
  hasFreshRed,
  hasOwnChange,
  isOnlyRenamed,
  isRedAnew,
  isSpokenOf,
  livesOn,
  type OldTests,
} from './old-test-facts.ts';
import { listNames } from './test-changes.ts';

/*
 * The tests of the base commit on the new code. Whatever was done to tests, helpers, fixtures, snapshots or scripts, this run does
 * not have it. What is red there was not proved, unless somebody allows that the tests ask for something else now.
 */

/** Tests that ask for something else now, by the files that were changed for it. */
export interface AskedAnew {
  /** Where each lay on the base commit, and lies now. */
  places: { old: string; now: string }[];
  tests: string[];
  by: 'owner' | 'task' | 'judge';
  /** Missing: they ask for something else. */
  as?: 'rows';
}

export interface OldVerdict {
  objections: string[];
  anew: AskedAnew[];
  /** Where tests have no names: the lines of the run that say what went wrong. */
  lines: string;
}

/** Whether each red one is allowed to be red, by whom, and what the agent is told of the others. */
export function judgeOldTests(about: OldTests): OldVerdict {
  const { still, newly, unread } = about.red;
  const verdict: OldVerdict = { objections: [], anew: [], lines: '' };
  const told = (names: string[]) => (names.length === 0 ? 'A test' : listNames(names));
  const stillRed = new Map<string, string[]>();
  for (const name of unread === 'still' ? [''] : still) {
    const files = filesOf(about, name);
    if (allowedBy(about, files) !== 'owner') add(stillRed, pathsText(files), name);
  }
  for (const [files, names] of stillRed)
    verdict.objections.push(
      `${told(names.filter(Boolean))} failed on the base commit and, as it was there, fails with the new code as well: it passes only ` +
        `because of what was changed in tests (${files}). Fix the code, not the test.${seeLines(names)} If the test itself ` +
        'is wrong, only the owner may say so: block the task with that as the reason.',
    );
  const refused = new Map<string, string[]>();
  const anew = new Map<string, AskedAnew>();
  for (const name of unread === 'newly' ? [''] : newly) {
    const files = filesOf(about, name);
    const by = newlyAllowedBy(about, files, name);
    if (by === null) {
      add(refused, pathsText(files), name);
      continue;
    }
    const key = `${by} ${files.paths.join('\n')}`;
    const entry = anew.get(key) ?? { places: placesOf(files), tests: [], by };
    if (name !== '') entry.tests.push(name);
    anew.set(key, entry);
  }
  for (const [files, names] of refused)
    verdict.objections.push(
      `${told(names.filter(Boolean))} passed on the base commit and, as it was there, fails with the new code (${files}).` +
        `${seeLines(names)} ${adviceOn(about, names)}`,
    );
  if ([...stillRed.values(), ...refused.values()].some((names) => names.includes('')))
    verdict.lines = tellingLines(about);
  verdict.anew = [...anew.values()];
  for (const { path, names } of about.changes.lost) {
    const owners = permission(about.words, path) === 'owner';
    if (!owners && failedIn(about.known, path))
      verdict.objections.push(
        `${listNames(names)} of ${path} went with the code, while tests failed on the base commit, so nobody can say any more whether ` +
          'they would pass. Put them back: fix the code, not the test.',
      );
    else
      verdict.anew.push({ places: [{ old: path, now: path }], tests: names, by: owners ? 'owner' : 'judge' });
  }
  return verdict;
}

/** Whether something of a file may have failed on the base commit. */
function failedIn(known: CheckOutcome | undefined, path: string): boolean {
  if (known === undefined || known.result.passed) return false;
  return (
    known.run === null ||
    known.run.failed.some((name) => name.includes(path) || name.includes(moduleOf(path)))
  );
}

const moduleOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');

function add(groups: Map<string, string[]>, key: string, name: string): void {
  groups.set(key, [...(groups.get(key) ?? []), name]);
}

function placesOf({ file, paths }: Files): AskedAnew['places'] {
  if (file !== null) return [{ old: file.from ?? file.path, now: file.path }];
  return paths.map((path) => ({ old: path, now: path }));
}

function pathsText({ paths }: Files): string {
  return paths.length > 8 ? `${paths.slice(0, 8).join(', ')} and ${paths.length - 8} more` : paths.join(', ');
}

/** The least that is allowed for any of them; one that was moved may be named by either place. */
function allowedBy({ words }: OldTests, { file, paths }: Files): Permission {
  const each = paths.map((path) => permission(words, path));
  const order = ['owner', 'task'] as const;
  if (file !== null) return order.find((by) => each.includes(by)) ?? null;
  if (each.length === 0 || each.includes(null)) return null;
  return each.includes('task') ? 'task' : 'owner';
}

/**
 * Who allows that a test which passed on the base commit asks for something else.
 *
 * A task of the agent's own is enough where the test still stands in its file, or its new form was seen red. Nobody needs to allow it
 * where this one lives on and was seen red in its new form, and either tests that are new were seen red as well, or it asks for the
 * same under other names, or the owner's words are about what changed in it: then the judge decides.
 */
function newlyAllowedBy(about: OldTests, files: Files, name: string): AskedAnew['by'] | null {
  const by = allowedBy(about, files);
  if (by === 'owner') return by;
  const red = isRedAnew(about, files, name);
  // With nothing edited or gone, only new files can have made it pass.
  const isOld =
    about.changes.paths.some(({ before }) => before) || Object.keys(about.changes.inline).length > 0;
  if (by === 'task') return isOld && (red || hasOwnChange(about, files, name)) ? by : null;
  const kept = files.paths.some((path) => isKept(about.words, path));
  if (kept || !red || !livesOn(about, files, name)) return null;
  const isWanted = hasFreshRed(about) || isOnlyRenamed(about, files) || isSpokenOf(about, files, name);
  return isWanted ? 'judge' : null;
}

function adviceOn(about: OldTests, names: readonly string[]): string {
  const files = names.map((name) => filesOf(about, name));
  if (files.some(({ paths }) => paths.some((path) => isKept(about.words, path))))
    return 'The owner wants these tests to stay as they are, so fix the code.';
  if (files.every((each) => allowedBy(about, each) === 'task'))
    return (
      'A task names what was changed, but with the change nothing fails on the base commit any more, so less is checked than ' +
      'before. Let the tests check what the code does now, or fix the code.'
    );
  return (
    'If what it asked for is to change, say so in a task that names the test file (or the helper, fixture or snapshot); the change ' +
    'is then shown to the owner and to the judge. If not, fix the code.'
  );
}

const seeLines = (names: readonly string[]): string =>
  names.includes('') ? ' What it printed with the old tests stands below.' : '';

function tellingLines({ old }: OldTests): string {
  const lines = old.output.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) =>
    /fail|error|assert|expected|not ok|✖|✗|panic|mismatch|differ/i.test(line),
  );
  const shown = telling.length > 0 ? telling.slice(0, 12) : lines.slice(-8);
  return shown.map((line) => line.slice(0, 200)).join('\n');
}
