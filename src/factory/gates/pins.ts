import type { GitManager } from '../ports.ts';
import type { Project } from '../project/project.ts';
import { OWNER, type TaskList } from '../tasks/task.ts';
import { isDefinition, isDefinitionOfBase, isManifest, summarisePaths } from './definitions.ts';
import { asRecord, mergeManifest, parseObject } from './manifest.ts';
import { isTestPath } from './test-files.ts';

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

/** What was said in a project, by who said it: its description and the owner's tasks, and the tasks of agents. */
export function wordsIn({ description, settings }: Project, { tasks }: Pick<TaskList, 'tasks'>): Words {
  const texts = (own: boolean) =>
    tasks
      .filter(({ addedBy }) => (addedBy === OWNER) === own)
      .map((task) => `${task.title}\n${task.description}`);
  return { allowAll: settings.allowGateChanges, owner: [description, ...texts(true)], agents: texts(false) };
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

/** Words of a command line, without what quotes and joins them. */
const WORDS = /[^\s"'`;&|()<>={},$]+/g;
/** A program of the repository's own that runs checks: a shell script, or something in a folder for tools. */
const TOOL =
  /\.(sh|bash|zsh|ps1|bat)$|(^|\/)(scripts?|tools?|ci|hack|bin|dev|build-?tools?|gradlew|mvnw)(\/|$)|(^|\/)(run|test|tests|check|lint|ci)[-_.\w]*\.\w+$/;

/**
 * Files of the base commit that the commands of a gate, or the package scripts behind them, start. Tests that are named there
 * are no tools: new ones are ordinary work.
 */
export function toolsIn(commands: readonly string[], base: ReadonlySet<string>): Set<string> {
  const named = commands
    .flatMap((text) => text.match(WORDS) ?? [])
    .map((word) => word.replace(/^(\.\/)+/, ''));
  return new Set(named.filter((path) => base.has(path) && TOOL.test(path) && !isTestPath(path)));
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
  const scripts = base.has('package.json')
    ? await git.showFile(repository, baseCommit, 'package.json')
    : null;
  const texts = Object.values(asRecord(parseObject(scripts)?.['scripts'])).filter(
    (text) => typeof text === 'string',
  );
  const tools = toolsIn([...commands, ...texts], base);
  const suspects = paths.filter((path) => isDefinitionOfBase(path) || isManifest(path) || tools.has(path));
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
    } else if (isDefinition(path) || base.has(path) || tools.has(path)) {
      changed.push(path);
      const [shown = path] = summarisePaths([path]);
      if (permission(words, shown) !== 'owner') pins.fromBase.push(path);
    }
  }
  pins.changed = summarisePaths(changed).map((path) => ({ path, allowed: permission(words, path) }));
  return pins;
}
