import type { Project } from '../../model/project.ts';
import type { GitManager } from '../../ports.ts';
import { withParentOfNow } from '../ecosystems/maven.ts';
import { isTestPath } from '../test-source/test-files.ts';
import { isCiDefinition } from './ci-files.ts';
import {
  firstOf,
  isDefinition,
  isDefinitionBeside,
  isManifest,
  nameOf,
  summarisePaths,
} from './definitions.ts';
import { isIgnoreFile, withoutHiding } from './ignore-files.ts';
import { provesTheSame } from './makefile.ts';
import { isKeptResult } from './kept-results.ts';
import { mergeManifest } from './manifest.ts';
import { namedFiles } from './named-files.ts';
import { mayChangeScript, type Permission, type PermissionTexts, permission } from './permission.ts';
import { saysTheSame } from './same-content.ts';
import { onlyAddsTasks } from './task-files.ts';

type Reader = Pick<GitManager, 'listFiles' | 'showFile' | 'changedFiles'>;

export interface ChangedPath {
  path: string;
  allowed: Permission;
}

/** What is laid over a commit before a gate runs on it. */
export interface Pins {
  /** Paths that come from the base commit, which may not have them. */
  fromBase: string[];
  /** Manifests of the agent with the base's sections in them. */
  texts: Record<string, string>;
  changed: ChangedPath[];
}

/**
 * What of a commit differs from its base in how work is proved, and what to lay over the commit.
 *
 * @param commands those of the gate
 */
export async function findPins(
  git: Reader,
  project: Project,
  commit: string,
  words: PermissionTexts,
  commands: readonly string[],
): Promise<Pins> {
  const { repository, baseCommit } = project;
  const pins: Pins = { fromBase: [], texts: {}, changed: [] };
  if (commit === baseCommit) return pins;
  const [paths, files, left] = await Promise.all([
    git.changedFiles(repository, baseCommit, commit),
    git.listFiles(repository, baseCommit),
    git.listFiles(repository, commit),
  ]);
  const trees: Trees = { base: new Set(files), now: new Set(left) };
  const kept = paths.filter((path) => isKeptResult(path, trees.base.has(path)));
  pins.fromBase.push(...kept);
  const { programs, settings, made } = await namedFiles(commands, {
    base: trees.base,
    now: new Set(paths),
    read: (path) => git.showFile(repository, baseCommit, path),
  });
  // What lies among the tests is looked at as tests are.
  const isNamed = (path: string) => settings.has(path) || (programs.has(path) && !isTestPath(path));
  const sides = new Map<string, Sides>();
  const isAsked = (path: string) => isNamed(path) || isIgnoreFile(path) || mayProve(path, trees);
  for (const path of paths) {
    if (kept.includes(path) || !isAsked(path)) continue;
    const [old = null, now = null] = await Promise.all(
      [baseCommit, commit].map((each) => git.showFile(repository, each, path)),
    );
    sides.set(path, { old, now });
  }
  const changed: string[] = [];
  const moved = movedCiFiles(sides);
  const poms = releasedPoms(sides);
  for (const [path, { old, now }] of sides) {
    if (isIgnoreFile(path)) {
      const text = now === null ? now : withoutHiding(path, old, now, trees.now);
      if (text !== null && text !== now && permission(words, path) !== 'owner') pins.texts[path] = text;
    } else if (isMerged(path, { old, now }, trees)) {
      const base = old !== null && now !== null ? withParentOfNow(old, now, poms) : old;
      const merged = mergeManifest(path, base, now, (script, fresh) => mayChangeScript(words, script, fresh));
      if (merged === null || merged.text === now) continue;
      if (merged.changed) changed.push(path);
      if (permission(words, path) !== 'owner') pins.texts[path] = merged.text;
    } else if (isNamed(path) || isPinned(path, { old, now }, trees)) {
      if (saysTheSame(path, old, now)) continue;
      if (!moved.has(path) && !provesTheSame(path, old, now, made) && !onlyAddsTasks(path, old, now))
        changed.push(path);
      const [shown = path] = summarisePaths([path]);
      if (permission(words, shown) !== 'owner') pins.fromBase.push(path);
    }
  }
  pins.changed = summarisePaths(changed).map((path) => ({ path, allowed: permission(words, path) }));
  return pins;
}

/** All paths of the base commit and of the commit under test. */
interface Trees {
  base: ReadonlySet<string>;
  now: ReadonlySet<string>;
}

/** Whether a changed path may be a definition, by its name. */
function mayProve(path: string, { base }: Trees): boolean {
  return (
    isDefinition(path) ||
    isDefinition(`${path}/`) ||
    isManifest(path) ||
    firstOf(path) !== undefined ||
    isDefinitionBeside(path, base)
  );
}

/** Whether only sections of a file define gates. */
function isMerged(path: string, { old, now }: Sides, trees: Trees): boolean {
  if (!isManifest(path)) return false;
  return (
    old !== null ||
    !(isDefinition(path) || isDefinitionBeside(path, trees.base) || isFirst(path, { old, now }, trees))
  );
}

/** Whether all of a file is a definition. A link by the name of a folder leads to files that have other names of their own. */
function isPinned(path: string, { old, now }: Sides, trees: Trees): boolean {
  if (isDefinition(path) || isDefinitionBeside(path, trees.base) || isFirst(path, { old, now }, trees))
    return true;
  const isLink = (trees.base.has(path) && old === null) || (trees.now.has(path) && now === null);
  return isLink && isDefinition(`${path}/`);
}

function isFirst(path: string, { old, now }: Sides, trees: Trees): boolean {
  const file = { path, paths: trees.now, before: trees.base };
  return old === null && now !== null && (firstOf(path)?.(now, file) ?? false);
}

/** Text on the base commit and now; `null`: no such file. */
interface Sides {
  old: string | null;
  now: string | null;
}

/** Files of Maven that changed and prove what they proved, so that they stay as they are now. */
function releasedPoms(sides: ReadonlyMap<string, Sides>): { old: string; now: string }[] {
  let left = [...sides].flatMap(([path, { old, now }]) =>
    nameOf(path) === 'pom.xml' && old !== null && now !== null ? [{ path, old, now }] : [],
  );
  const released: typeof left = [];
  for (;;) {
    const next = left.filter(({ path, old, now }) => {
      const base = withParentOfNow(old, now, released);
      return mergeManifest(path, base, now)?.changed === false;
    });
    if (next.length === 0) return released;
    released.push(...next);
    left = left.filter((each) => !next.includes(each));
  }
}

/** Old and new places of CI files that only got another name in their folder, where CI finds them as before. */
function movedCiFiles(sides: ReadonlyMap<string, Sides>): Set<string> {
  const folder = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);
  const moved = new Set<string>();
  const ci = [...sides].filter(([path]) => isCiDefinition(path) && path.includes('/'));
  for (const [from, { old, now }] of ci) {
    if (old === null || now !== null) continue;
    const to = ci.find(
      ([path, each]) =>
        each.old === null &&
        !moved.has(path) &&
        folder(path) === folder(from) &&
        saysTheSame(path, old, each.now),
    );
    if (to !== undefined) for (const path of [from, to[0]]) moved.add(path);
  }
  return moved;
}
