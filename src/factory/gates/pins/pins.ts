import type { GitManager } from '../../ports.ts';
import type { Project } from '../../model/project.ts';
import { isDefinition, isDefinitionBeside, isManifest, summarisePaths } from './definitions.ts';
import { mergeManifest } from './manifest.ts';
import { mayChangeScript, type Permission, permission, type Words } from './permission.ts';
import { namedFiles } from './named-files.ts';
import { saysTheSame } from './same-content.ts';
import { isTestPath } from '../proof/test-files.ts';

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
  words: Words,
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
  const { programs, settings } = await namedFiles(commands, {
    base,
    now: new Set(paths),
    read: (path) => git.showFile(repository, baseCommit, path),
  });
  // What lies among the tests is looked at as tests are.
  const isNamed = (path: string) => settings.has(path) || (programs.has(path) && !isTestPath(path));
  const suspects = paths.filter(
    (path) => isNamed(path) || isDefinition(path) || isManifest(path) || isDefinitionBeside(path, base),
  );
  const changed: string[] = [];
  for (const path of suspects) {
    const [old = null, now = null] = await Promise.all(
      [baseCommit, commit].map((each) => git.showFile(repository, each, path)),
    );
    if (isManifest(path) && (old !== null || !isDefinitionBeside(path, base))) {
      const merged = mergeManifest(path, old, now, (script, fresh) => mayChangeScript(words, script, fresh));
      if (merged === null || merged.text === now) continue;
      if (merged.changed) changed.push(path);
      if (permission(words, path) !== 'owner') pins.texts[path] = merged.text;
    } else if (!saysTheSame(path, old, now)) {
      changed.push(path);
      const [shown = path] = summarisePaths([path]);
      if (permission(words, shown) !== 'owner') pins.fromBase.push(path);
    }
  }
  pins.changed = summarisePaths(changed).map((path) => ({ path, allowed: permission(words, path) }));
  return pins;
}
