import type { GitManager } from '../ports.ts';
import type { Project } from '../project/project.ts';
import { isDefinition, isDefinitionOfBase, isManifest, summarisePaths } from './definitions.ts';
import { asRecord, mergeManifest, parseObject } from './manifest.ts';
import { type Permission, permission, type Words } from './permission.ts';
import { isTestPath } from './test-files.ts';

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
