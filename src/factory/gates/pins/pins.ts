import type { Project } from '../../model/project.ts';
import type { GitManager } from '../../ports.ts';
import { isTestPath } from '../proof/test-files.ts';
import { isCiDefinition } from './ci-files.ts';
import { isDefinition, isDefinitionBeside, isManifest, summarisePaths } from './definitions.ts';
import { provesTheSame } from './makefile.ts';
import { isKeptResult } from './kept-results.ts';
import { mergeManifest } from './manifest.ts';
import { namedFiles } from './named-files.ts';
import { mayChangeScript, type Permission, type PermissionTexts, permission } from './permission.ts';
import { saysTheSame } from './same-content.ts';

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
  const [paths, files] = await Promise.all([
    git.changedFiles(repository, baseCommit, commit),
    git.listFiles(repository, baseCommit),
  ]);
  const base = new Set(files);
  const kept = paths.filter((path) => isKeptResult(path, base.has(path)));
  pins.fromBase.push(...kept);
  const { programs, settings, made } = await namedFiles(commands, {
    base,
    now: new Set(paths),
    read: (path) => git.showFile(repository, baseCommit, path),
  });
  // What lies among the tests is looked at as tests are.
  const isNamed = (path: string) => settings.has(path) || (programs.has(path) && !isTestPath(path));
  const isSuspect = (path: string) =>
    isNamed(path) || isDefinition(path) || isManifest(path) || isDefinitionBeside(path, base);
  const suspects = paths.filter((path) => !kept.includes(path) && isSuspect(path));
  const changed: string[] = [];
  const sides = new Map<string, Sides>();
  for (const path of suspects) {
    const [old = null, now = null] = await Promise.all(
      [baseCommit, commit].map((each) => git.showFile(repository, each, path)),
    );
    sides.set(path, { old, now });
  }
  const moved = movedCiFiles(sides);
  for (const [path, { old, now }] of sides) {
    if (isManifest(path) && (old !== null || !isDefinitionBeside(path, base))) {
      const merged = mergeManifest(path, old, now, (script, fresh) => mayChangeScript(words, script, fresh));
      if (merged === null || merged.text === now) continue;
      if (merged.changed) changed.push(path);
      if (permission(words, path) !== 'owner') pins.texts[path] = merged.text;
    } else if (!saysTheSame(path, old, now)) {
      if (!moved.has(path) && !provesTheSame(path, old, now, made)) changed.push(path);
      const [shown = path] = summarisePaths([path]);
      if (permission(words, shown) !== 'owner') pins.fromBase.push(path);
    }
  }
  pins.changed = summarisePaths(changed).map((path) => ({ path, allowed: permission(words, path) }));
  return pins;
}

/** Text on the base commit and now; `null`: no such file. */
interface Sides {
  old: string | null;
  now: string | null;
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
