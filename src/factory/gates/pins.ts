import type { GitManager } from '../ports.ts';
import type { Project } from '../project/project.ts';
import { isDefinition, isDefinitionOfBase, isManifest, summarisePaths } from './definitions.ts';
import { mergeManifest } from './manifest.ts';

type Reader = Pick<GitManager, 'listFiles' | 'showFile' | 'changedFiles'>;

/**
 * Who said that a file that proves work may change. `owner`: the settings, the project's description or a task that a
 * person wrote; the agent's version counts. `task`: a task of the agent's own; the change is shown and does not stop the
 * gate, but what is run comes from the base commit. `null`: nobody; the gate does not pass.
 */
export type Permission = 'owner' | 'task' | null;

/** Words by which files may be named. */
export interface Words {
  /** `gates.allowChanges`. */
  allowAll: boolean;
  owner: readonly string[];
  agents: readonly string[];
}

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

/** By its path, or by its name alone. */
export function permission(words: Words, path: string): Permission {
  if (words.allowAll || words.owner.some((text) => mentions(text, path))) return 'owner';
  return words.agents.some((text) => mentions(text, path)) ? 'task' : null;
}

function mentions(text: string, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/', path.length - 2) + 1);
  return [path, name].some((word) => {
    const literal = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`(^|[^\\w./-])(\\./)?${literal}(?![\\w/-])`).test(text);
  });
}

/** What of a commit differs from its base in how work is proved, and what to lay over the commit. */
export async function findPins(git: Reader, project: Project, commit: string, words: Words): Promise<Pins> {
  const { repository, baseCommit } = project;
  const pins: Pins = { fromBase: [], texts: {}, changed: [] };
  if (commit === baseCommit) return pins;
  const paths = await git.changedFiles(repository, baseCommit, commit);
  const suspects = paths.filter((path) => isDefinitionOfBase(path) || isManifest(path));
  if (suspects.length === 0) return pins;
  const base = new Set(await git.listFiles(repository, baseCommit));
  const changed: string[] = [];
  for (const path of suspects) {
    if (isManifest(path)) {
      const texts = await Promise.all(
        [baseCommit, commit].map((each) => git.showFile(repository, each, path)),
      );
      const merged = mergeManifest(path, texts[0] ?? null, texts[1] ?? null);
      if (!merged?.changed) continue;
      changed.push(path);
      if (permission(words, path) !== 'owner') pins.texts[path] = merged.text;
    } else if (isDefinition(path) || base.has(path)) {
      changed.push(path);
      const [shown = path] = summarisePaths([path]);
      if (permission(words, shown) !== 'owner') pins.fromBase.push(path);
    }
  }
  pins.changed = summarisePaths(changed).map((path) => ({ path, allowed: permission(words, path) }));
  return pins;
}
