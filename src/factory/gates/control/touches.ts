import { readAhead } from '../../../lib/async/read-ahead.ts';
import type { Project } from '../../model/project.ts';
import type { GitManager } from '../../ports.ts';
import { isDefinitionOfBase } from '../pins/definitions.ts';
import { type Permission, type PermissionTexts, permission } from '../pins/permission.ts';
import { isTestPath } from '../proof/test-files.ts';
import { mayStandIn, standsInFor } from './stand-ins.ts';
import { touchPatterns } from './touch-patterns.ts';

/** Code of the product that newly reaches for what is to judge it. */
export interface Touch {
  path: string;
  /** The line, as it stands there. */
  line: string;
  allowed: Permission;
}

/** Measurements, examples and tools of a repository are run by themselves; tests do not load them. */
const BESIDE_THE_PRODUCT =
  /(^|\/)(bench(marks?|es)?|perf|examples?|fixtures?|docs?|scripts?|tools?)\/|[._](bench|benchmark|stories|story|setup)\.\w+$/;

/**
 * Lines of a product's code that touch the test runner or the assertion library, and that the base commit's text has not.
 * `process.exit` alone is no such line: programs end, and tests that did not run are missed by their number.
 */
export function touchesIn(path: string, old: string | null, now: string): string[] {
  const patterns = touchPatterns(path, now);
  if (patterns.length === 0) return [];
  const hits = (text: string) =>
    text.split('\n').filter((line) => line.length < 2_000 && patterns.some((pattern) => pattern.test(line)));
  const before = new Set(hits(old ?? '').map((line) => line.trim()));
  const after = hits(now).map((line) => line.trim());
  return after.filter(
    (line) => !before.has(line) && !/^(?:\/\/|\*(?!\w)|\/\*|#(?!\[|\s*(?:undef|define)\b))/.test(line),
  );
}

/** A repository that is a tool for tests itself touches them in its old code as well: there nothing is said of imports. */
export async function findTouches(
  git: Pick<GitManager, 'showFile' | 'changedFiles' | 'listFiles'>,
  { repository, baseCommit }: Project,
  commit: string,
  words: PermissionTexts,
): Promise<Touch[]> {
  if (commit === baseCommit) return [];
  const all = await git.changedFiles(repository, baseCommit, commit);
  const changed = all.filter(
    (path) =>
      touchPatterns(path, '').length > 0 &&
      !isTestPath(path) &&
      !isDefinitionOfBase(path) &&
      !BESIDE_THE_PRODUCT.test(path),
  );
  const found: Touch[] = [];
  const texts = (path: string) =>
    Promise.all([baseCommit, commit].map((each) => git.showFile(repository, each, path)));
  for await (const [path, [old = null, now = null]] of readAhead(changed.slice(0, 500), texts)) {
    if (now === null || (old !== null && touchesIn(path, null, old).length > 0)) continue;
    const allowed = permission(words, path);
    found.push(...touchesIn(path, old, now).map((line) => ({ path, line, allowed })));
  }
  const standIns = all.filter(mayStandIn).slice(0, 500);
  const base = standIns.length === 0 ? [] : await git.listFiles(repository, baseCommit);
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

/** The sentence of the report. */
export function touchText({ path, line }: Touch): string {
  return (
    `${path} touches the test runner or the assertion library, which are to judge it, or asks whether it is being tested: ` +
    `\`${line.slice(0, 160)}\`. Code of the product does without that; where the work is about it, the owner says so by naming the file.`
  );
}
