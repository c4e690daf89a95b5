import { readAhead } from '../../../lib/async/read-ahead.ts';
import type { Project } from '../../model/project.ts';
import type { GitManager } from '../../ports.ts';
import { withoutTypes } from '../ecosystems/modules.ts';
import { bothSides } from '../names/imports-of-tests.ts';
import { takenNames } from '../names/taken-names.ts';
import { isDefinitionOfBase, nameOf } from '../pins/definitions.ts';
import { type Permission, type PermissionTexts, permission } from '../pins/permission.ts';
import { isTestPath } from '../test-source/test-files.ts';
import { askedIn } from './asking.ts';
import { LONGEST_LINE } from './asking-names.ts';
import { isOfProduct, loadedByProduct, mayBeLoaded } from './beside.ts';
import { mayStandIn, standsInFor } from './stand-ins.ts';
import { touchPatterns } from './touch-patterns.ts';

/** Code of the product that newly reaches for what is to judge it. */
export interface Touch {
  path: string;
  /** The line, as it stands there. */
  line: string;
  allowed: Permission;
}

/** More changed files than these are not read one by one. */
const MOST_FILES = 500;

/** Lines of a text by the patterns that they were found by. */
type Hits = Map<string, string[]>;

const COMMENT = /^(?:\/\/|\*(?!\w)|\/\*|#(?!\[|\s*(?:undef|define)\b))/;

function hitsIn(path: string, text: string): Hits {
  const lines = text.split('\n').filter((line) => line.length < LONGEST_LINE && !COMMENT.test(line.trim()));
  const touching = touchPatterns(path, text).map(
    (pattern) => [pattern.source, lines.filter((line) => pattern.test(line))] as const,
  );
  return new Map(
    [...touching, ...askedIn(path, lines)].map(([by, found]) => [by, found.map((line) => line.trim())]),
  );
}

/**
 * Lines of a product's code that touch the test runner or the assertion library, and that the base commit's text has not: neither
 * themselves nor others like them. What is a tool for tests itself touches them in its old code as well.
 * `process.exit` alone is no such line: programs end, and tests that did not run are missed by their number.
 */
export function touchesIn(path: string, old: string | null, now: string): string[] {
  const before = hitsIn(path, old ?? '');
  const known = new Set([...before.values()].flat());
  const found = [...hitsIn(path, withoutTypes(now))].flatMap(([pattern, lines]) =>
    (before.get(pattern) ?? []).length > 0 ? [] : lines,
  );
  return [...new Set(found)].filter((line) => !known.has(line));
}

export async function findTouches(
  git: Pick<GitManager, 'showFile' | 'changedFiles' | 'listFiles'>,
  { repository, baseCommit }: Project,
  commit: string,
  words: PermissionTexts,
): Promise<Touch[]> {
  if (commit === baseCommit) return [];
  const all = await git.changedFiles(repository, baseCommit, commit);
  const texts = (path: string) =>
    Promise.all([baseCommit, commit].map((each) => git.showFile(repository, each, path)));
  const changed = all.filter(
    (path) =>
      touchPatterns(path, '').length > 0 &&
      !isDefinitionOfBase(path) &&
      (isOfProduct(path) || mayBeLoaded(path)),
  );
  const [touched, moved] = await touchedIn(changed, texts);
  const beside = [...touched.keys()].filter((path) => !isOfProduct(path));
  const now = beside.length === 0 ? [] : await git.listFiles(repository, commit);
  const loaded = new Set(
    await loadedByProduct(beside, now, all, (path) => git.showFile(repository, commit, path)),
  );
  const found: Touch[] = [];
  for (const [path, lines] of touched) {
    if (!isOfProduct(path) && !loaded.has(path)) continue;
    const allowed = permission(words, path);
    const fresh = lines.filter((line) => !moved.has(withoutOwnName(path, line)));
    found.push(...fresh.map((line) => ({ path, line, allowed })));
  }
  const base = await git.listFiles(repository, baseCommit);
  const sides = bothSides(git, { repository, baseCommit }, commit, { changed: all, base });
  for (const { path, line } of await takenNames(sides))
    found.push({ path, line, allowed: permission(words, path) });
  const standIns = all.filter(mayStandIn).slice(0, MOST_FILES);
  const known = new Set<string>();
  for await (const [path, [old = null, now = null]] of readAhead(standIns, texts)) {
    const line = now === null ? null : await standsInFor({ path, old, now, base, read: texts });
    // Of a library with many files one is told.
    if (line === null || known.has(line)) continue;
    known.add(line);
    found.push({ path, line, allowed: permission(words, path) });
  }
  return found;
}

/** By path what is new in changed files, and what went from files that are no tests: it may have moved to others. */
async function touchedIn(
  changed: readonly string[],
  texts: (path: string) => Promise<(string | null)[]>,
): Promise<[Map<string, string[]>, Set<string>]> {
  const touched = new Map<string, string[]>();
  const moved = new Set<string>();
  const ordered = [...changed.filter(isOfProduct), ...changed.filter((path) => !isOfProduct(path))];
  for await (const [path, [old = null, now = null]] of readAhead(ordered.slice(0, MOST_FILES), texts)) {
    const lines = now === null ? [] : touchesIn(path, old, now);
    if (lines.length > 0) touched.set(path, lines);
    if (old === null || isTestPath(path)) continue;
    const left = new Set([...hitsIn(path, now ?? '').values()].flat());
    for (const line of [...hitsIn(path, old).values()].flat())
      if (!left.has(line)) moved.add(withoutOwnName(path, line));
  }
  return [touched, moved];
}

/** A line without the name by which its file is called: a class that got another one is no other class. */
function withoutOwnName(path: string, line: string): string {
  const plain = (name: string) => name.replace(/[_-]|\.\w+$/g, '').toLowerCase();
  const own = plain(nameOf(path));
  // Behind these it is a name of something else.
  return line.replace(/(?<![\w\\.:])[A-Za-z]\w*/g, (word) => (plain(word) === own ? '' : word));
}

/** The sentence of the report. */
export function touchText({ path, line }: Touch): string {
  return (
    `${path} touches the test runner or the assertion library, which are to judge it, or asks whether it is being tested: ` +
    `\`${line.slice(0, 160)}\`. Code of the product does without that; where the work is about it, the owner says so by naming the file.`
  );
}
