import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Variables } from './environment.ts';
import type { RunGit } from './run.ts';

/** One value in effect for a repository, in git's order: a later one outranks an earlier one. */
export interface Setting {
  /** As git prints it: section and name in lower case, the middle part as written. */
  key: string;
  /** `null` for a key without `=` (git reads it as true). */
  value: string | null;
  /** It stands in a file of the owner or the system, not in one of the repository. */
  outside: boolean;
}

export interface RepositoryConfig {
  settings: readonly Setting[];
  /** `key=value` for `-c`: see `filterGuards`. */
  guards: readonly string[];
  /** The repository's own configuration says something about filters. */
  hasFilters: boolean;
}

export interface ConfigReader {
  /** What is in effect for a git dir; read again only when one of the files changed. */
  read(gitDir: string, commonDir: string): Promise<RepositoryConfig>;
}

interface Known {
  files: string[];
  print: string;
  config: RepositoryConfig;
}

export function createConfigReader(run: RunGit, env: Variables): ConfigReader {
  const known = new Map<string, Known>();
  const valid = (key: string) => {
    const found = known.get(key);
    return found !== undefined && fingerprint(found.files) === found.print ? found.config : undefined;
  };
  return {
    async read(gitDir, commonDir) {
      // Git dirs of one repository without settings of their own have the same ones.
      const shared = hasOwn(gitDir) ? undefined : `shared\0${commonDir}`;
      const kept = (shared === undefined ? undefined : valid(shared)) ?? valid(gitDir);
      if (kept !== undefined) return kept;
      const fixed = fixedFiles(gitDir, commonDir, env);
      const before = fingerprint(fixed);
      const answer = await run(['config', '--list', '-z', '--show-origin', '--includes'], { gitDir });
      if (answer.code !== 0) throw unreadable(commonDir, answer.stderr);
      const own = `file:${join(realpathSync.native(commonDir), 'config')}`;
      const { settings, origins } = parseSettings(answer.stdout.toString('utf8'), own);
      const hasFilters = settings.some(({ key, outside }) => !outside && FILTER.test(key));
      const config = { settings, guards: filterGuards(settings), hasFilters };
      const includes = settings.filter((setting) => /^include(if)?\./.test(setting.key));
      // What a file of the repository includes may appear at any time at a place we do not know yet.
      const isOpen = includes.some((setting) => !setting.outside);
      // What is included for a certain git dir holds for that one alone.
      const isBound = includes.some((setting) => setting.key.startsWith('includeif.'));
      const place = isBound || shared === undefined ? gitDir : shared;
      if (isOpen || fingerprint(fixed) !== before) known.delete(place);
      else {
        const files = [...new Set([...fixed, ...origins])];
        known.set(place, { files, print: fingerprint(files), config });
      }
      return config;
    },
  };
}

/** Whether a git dir may have settings of its own, beside those of its repository. */
function hasOwn(gitDir: string): boolean {
  return fingerprint([join(gitDir, 'config.worktree')]) !== NO_FILE;
}

/**
 * Reads `git config --list -z --show-origin`. git prints system and owner first, then the repository: from the first
 * entry of the repository's own file on, nothing counts as outside.
 *
 * @param own origin of the repository's `config` file; when it never comes, nothing counts as outside
 */
export function parseSettings(text: string, own: string): { settings: Setting[]; origins: string[] } {
  const parts = text.split('\0');
  const settings: Setting[] = [];
  const origins = new Set<string>();
  let outside = parts.some((part, index) => index % 2 === 0 && part === own);
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const origin = parts[index] ?? '';
    const entry = parts[index + 1] ?? '';
    // Ours, from the command line.
    if (origin === 'command line:') continue;
    if (origin === own) outside = false;
    if (origin.startsWith('file:')) origins.add(origin.slice('file:'.length));
    const end = entry.indexOf('\n');
    settings.push({
      key: end < 0 ? entry : entry.slice(0, end),
      value: end < 0 ? null : entry.slice(end + 1),
      outside,
    });
  }
  return { settings, origins: [...origins] };
}

const FILTER = /^filter\.(.*)\.([^.]+)$/s;
const PROGRAMS = ['clean', 'smudge', 'process'];

/**
 * A filter is a program that git starts for files whose names `.gitattributes` gives, and an agent writes
 * `.gitattributes`. Filters of the owner's own configuration (git-lfs, say) are kept; whatever the repository's
 * configuration says about filters is overruled, with nothing where the owner has nothing.
 *
 * git starts them in the top folder of the work tree, which holds what the agent wrote, and many a program looks there for
 * parts of itself (`python3 -m`). So each begins elsewhere; what stands on standard input, and where git dir and work tree are,
 * it is told as ever.
 *
 * Throws `environment`/`unsafe_git_configuration` for a filter name that cannot be overruled on a command line.
 */
export function filterGuards(settings: readonly Setting[]): string[] {
  const trusted = new Map<string, Map<string, string>>();
  const suspects = new Map<string, Set<string>>();
  for (const { key, value, outside } of settings) {
    const [, name, variable] = FILTER.exec(key) ?? [];
    if (name === undefined || variable === undefined) continue;
    if (outside) trusted.set(name, (trusted.get(name) ?? new Map()).set(variable, value ?? 'true'));
    else suspects.set(name, (suspects.get(name) ?? new Set()).add(variable));
  }
  return [...new Set([...trusted.keys(), ...suspects.keys()])].flatMap((name) => {
    const owners = (variable: string) => trusted.get(name)?.get(variable);
    const suspect = suspects.get(name);
    const programs = PROGRAMS.filter((variable) => suspect?.has(variable) || owners(variable) !== undefined);
    // An empty `process` cannot be told from a set one: git then runs no program of this filter at all.
    const isOff = suspect?.has('process') && owners('process') === undefined;
    const required = isOff ? 'false' : (owners('required') ?? 'false');
    const guards = [
      ...programs.map((variable) => `${variable}=${elsewhere(owners(variable) ?? '')}`),
      ...(suspect === undefined ? [] : [`required=${required}`]),
    ];
    if (guards.length > 0 && /[=\n]/.test(name)) throw unsafeProgram('filter', name);
    return guards.map((guard) => `filter.${name}.${guard}`);
  });
}

/**
 * A command of the owner's, started where no agent writes. `%f` is a name that the agent chose: one that the program opens must
 * not lead to the owner's files, so it begins in the folder of git's objects, or in `/` if there is none.
 */
function elsewhere(command: string): string {
  if (command.trim() === '') return command;
  const folder = command.includes('%f') ? '"$(git rev-parse --git-path objects)/."' : '/';
  // git says where it is as `.`.
  return `GIT_WORK_TREE=$(pwd) && export GIT_WORK_TREE && cd ${folder} && ${command}`;
}

const DRIVER = /^merge\.(.*)\.driver$/s;

/**
 * A merge driver is a program too. None is run, the owner's own included: one that always takes a side would settle a
 * conflict that nobody saw. Each becomes git's plain merge of texts; none can be unset.
 *
 * Throws `environment`/`unsafe_git_configuration` for a name that cannot be overruled on a command line.
 */
export function mergeGuards(settings: readonly Setting[]): string[] {
  const names = settings.flatMap(({ key }) => DRIVER.exec(key)?.[1] ?? []);
  return [...new Set(names)].map((name) => {
    if (/[=\n]/.test(name)) throw unsafeProgram('merge driver', name);
    return `merge.${name}.driver=git merge-file --quiet --marker-size=%L %A %O %B`;
  });
}

/** Last value of a key, `undefined` when it is not set. */
export function setting(config: RepositoryConfig, key: string): string | null | undefined {
  return config.settings.findLast((entry) => entry.key === key)?.value;
}

/** As git reads it: no value at all is true, an empty one false. */
export function isTrue(value: string | null | undefined): boolean {
  if (value === undefined) return false;
  return value === null || ['true', 'yes', 'on', '1'].includes(value.toLowerCase());
}

/** Names of the configured remotes. */
export function remoteNames(config: RepositoryConfig): string[] {
  const names = config.settings.flatMap(({ key }) => {
    const name = /^remote\.(.+)\.(url|pushurl)$/s.exec(key)?.[1];
    return name === undefined ? [] : [name];
  });
  return [...new Set(names)];
}

/** Every value of `remote.<name>.<variable>`, in order. */
export function remoteValues(config: RepositoryConfig, name: string, variable: 'url' | 'pushurl'): string[] {
  return config.settings.flatMap(({ key, value }) =>
    key === `remote.${name}.${variable}` && value ? [value] : [],
  );
}

function fixedFiles(gitDir: string, commonDir: string, env: Variables): string[] {
  const home = env['HOME'];
  const shared = env['XDG_CONFIG_HOME'] ?? (home === undefined ? undefined : join(home, '.config'));
  return [
    join(commonDir, 'config'),
    join(gitDir, 'config.worktree'),
    env['GIT_CONFIG_GLOBAL'],
    env['GIT_CONFIG_SYSTEM'] ?? '/etc/gitconfig',
    home === undefined ? undefined : join(home, '.gitconfig'),
    shared === undefined ? undefined : join(shared, 'git', 'config'),
  ].filter((file) => file !== undefined);
}

const NO_FILE = '-';

function fingerprint(files: readonly string[]): string {
  const prints = files.map((file) => {
    try {
      const found = statSync(file, { bigint: true, throwIfNoEntry: false });
      return found ? `${found.mtimeNs}:${found.ctimeNs}:${found.size}:${found.ino}` : NO_FILE;
    } catch (error) {
      // Not to be reached: git sees the same.
      const code = errorCode(error);
      if (code === undefined) throw error;
      return code;
    }
  });
  return prints.join(' ');
}

function unreadable(commonDir: string, stderr: string): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'git_configuration_unreadable',
    `git cannot read the configuration of ${commonDir}: ${stderr.trim().slice(0, 500)}`,
    'Fix the configuration file git names.',
  );
}

function unsafeProgram(kind: 'filter' | 'merge driver', name: string): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'unsafe_git_configuration',
    `git is configured with a ${kind} of the name ${JSON.stringify(name.slice(0, 80))}, which cannot be switched off`,
    `Remove the section of that ${kind} from git's configuration, or give it a name without = (git config --list --show-origin says where it stands).`,
  );
}
