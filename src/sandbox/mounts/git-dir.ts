import { createHash } from 'node:crypto';
import {
  type Dirent,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { always, orNullSync } from '../../lib/errno.ts';
import { withoutFilters } from './git-settings.ts';
import { isInside, type Mount, readOnly } from './mounts.ts';
import { packedWithBranch } from './packed-refs.ts';

/** A name alone is no login for ssh, which is all but always `git`. */
const LOGIN_IN_URL = /(\bssh:\/\/[^/\s@":]+@)|(:\/\/)[^/\s@"]+@/g;
/** Keys whose value is a secret, or a program that may hold one; with continuation lines, also behind a section's head. */
const SECRET_KEY =
  /^([^\S\n]*(?:\[[^\]\n]*\][^\S\n]*)?)(?:[\w-]*(?:pass|token|secret|apikey|oauth)[\w-]*|extraheader|helper)[^\S\n]*=(?:[^\\\n]|\\[\s\S])*$/gim;

/** In every git dir, and in each of a worktree or a submodule. */
const CONFIGS = ['config', 'config.worktree'];
/** Before there were sections for remotes, each was a file in one of these. */
const OLD_REMOTES = ['remotes', 'branches'];
/** Copies of the configuration, and logs of references: `git pull <url>` writes its whole command line there, logins too. */
const HIDDEN = ['dark-factory', 'logs'];
/** Keys and logins that other programs keep in any git dir, that of a submodule too. */
const KEYS = ['git-crypt', 'annex/creds'];
/** Files that git keeps in place, at the most replaced; others may be gone before they are mounted. */
const KEPT = /^(HEAD|index|sharedindex\..+|packed-refs|shallow|description|commondir|gitdir|ORIG_HEAD)$/;
/** Folders of what the owner is in the midst of, which go away with its end. */
const PASSING = /^(rebase-.*|sequencer)$/;
/** Of a submodule's git dir: nothing there is a configuration, and it may be large. */
const LARGE = ['objects', 'refs', 'logs', 'hooks', 'info', 'lfs', 'annex', 'git-crypt'];

export interface GitDirView {
  /** The name of the worktree's own folder below `worktrees`. */
  name: string;
  /** Where copies are put: of configurations without logins, of packed references. */
  privateFolder: string;
  /** No file can be shown in the place of another: the git dir is shown as it is, but for what is hidden whole. */
  asItIs: boolean;
}

/**
 * A git dir, read-only and without logins.
 *
 * It is shown in parts, not as a folder with copies laid over some files: a mount goes away when its place is replaced, and any
 * `git config` of the owner would uncover the file to commands that run. What is not among the parts stays out of sight
 * whatever comes there later: locks of git with a whole configuration, the factory's memory of one, the settings of other
 * worktrees, the key of git-crypt.
 */
export function gitDirMounts(place: string, view: GitDirView): Mount[] {
  const own = join(place, 'worktrees', view.name);
  const { configs, keys } = loginsIn(place, own);
  if (view.asItIs) {
    const others = entriesIn(place).filter((entry) => entry.isFile() && !isKept(entry.name));
    const hidden = [...HIDDEN, ...others.map(({ name }) => name)].map((name) => join(place, name));
    const there = [...hidden.filter((path) => existsSync(path)), ...keys];
    return [readOnly(place), ...there.map((target): Mount => ({ kind: 'empty', target }))];
  }
  const copies = new Map(
    configs.flatMap((file) => {
      const copy = withoutLogins(file, view.privateFolder);
      return copy === null ? [] : [[file, copy]];
    }),
  );
  const mounts = inParts(place, { place, own, copies, keys });
  const packed = packedWithBranch(place, own, view.privateFolder);
  if (packed !== null) mounts.push({ ...readOnly(join(place, 'packed-refs')), source: packed });
  return mounts;
}

interface Parts {
  place: string;
  own: string;
  /** By the file in whose place each is shown. */
  copies: ReadonlyMap<string, string>;
  keys: readonly string[];
}

function inParts(folder: string, parts: Parts): Mount[] {
  const { place, own, copies, keys } = parts;
  const mounts: Mount[] = [{ kind: 'empty', target: folder }];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const copy = copies.get(path);
    if (copy !== undefined) mounts.push({ ...readOnly(path), source: copy });
    else if (keys.includes(path) || (folder === place && HIDDEN.includes(entry.name))) continue;
    // Those of others may be given settings at any time, and the agent has no business there.
    else if (folder === join(place, 'worktrees') && path !== own) continue;
    else if ([own, ...copies.keys(), ...keys].some((each) => isInside(each, path)))
      mounts.push(...inParts(path, parts));
    else {
      const source = sourceOf(entry, path, place);
      if (source !== null) mounts.push({ ...readOnly(path), source });
    }
  }
  return mounts;
}

/** @returns `null` for what is not shown: what may go away meanwhile, sockets, and links out of the git dir that git has no use for */
function sourceOf(entry: Dirent, path: string, place: string): string | null {
  if (entry.isDirectory()) return PASSING.test(entry.name) ? null : path;
  if (entry.isFile()) return isKept(entry.name) ? path : null;
  if (!entry.isSymbolicLink()) return null;
  const real = orNullSync(() => realpathSync(path), always);
  const info = real === null ? undefined : statSync(real, { throwIfNoEntry: false });
  if (real === null || !(info?.isDirectory() || (info?.isFile() && isKept(entry.name)))) return null;
  const leads = [...FOLLOWED, ...CONFIGS].includes(entry.name);
  return leads || isInside(real, realpathSync(place)) ? real : null;
}

/** Entries of a git dir that git may follow out of it when they are links. */
export const FOLLOWED = ['objects', 'refs', 'packed-refs', 'shallow', 'info'];

const isKept = (name: string): boolean => KEPT.test(name) || CONFIGS.includes(name);

interface Logins {
  /** Configurations, with logins or without. */
  configs: string[];
  keys: string[];
}

/** Where logins may stand in a git dir and in that of a worktree. */
function loginsIn(place: string, own: string): Logins {
  const found: Logins = { configs: [], keys: [] };
  for (const gitDir of [place, own]) {
    found.configs.push(...CONFIGS.map((name) => join(gitDir, name)));
    found.keys.push(...keysIn(gitDir));
    addSubmodules(join(gitDir, 'modules'), found);
  }
  for (const folder of OLD_REMOTES.map((name) => join(place, name)))
    found.configs.push(...namesIn(folder).map((name) => join(folder, name)));
  return found;
}

/** Names of submodules may be paths, and submodules have submodules: whatever is called so at any depth. */
function addSubmodules(modules: string, { configs, keys }: Logins): void {
  const folders = [modules];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = entriesIn(folder);
    const isGitDir = entries.some(({ name }) => name === 'HEAD');
    if (isGitDir) keys.push(...keysIn(folder));
    for (const entry of entries) {
      if (entry.isDirectory()) {
        if (!(isGitDir && LARGE.includes(entry.name))) folders.push(join(folder, entry.name));
      } else if (CONFIGS.includes(entry.name)) configs.push(join(folder, entry.name));
    }
  }
}

const keysIn = (gitDir: string): string[] => KEYS.map((name) => join(gitDir, name)).filter(existsSync);

/** A copy of a git configuration without passwords, tokens and extra headers; `null` when it holds none. */
function withoutLogins(file: string, folder: string): string | null {
  if (!existsSync(file) || !statSync(file).isFile()) return null;
  const text = readFileSync(file, 'utf8');
  const clean = redactConfig(text);
  if (clean === text) return null;
  const copy = join(folder, `git-config-${createHash('sha256').update(clean).digest('hex').slice(0, 24)}`);
  if (!existsSync(copy)) writeFileSync(copy, clean, { mode: 0o600 });
  return copy;
}

/** A git configuration's text without logins in URLs, without values that are secrets, and without filters. */
export function redactConfig(text: string): string {
  return withoutFilters(text.replace(LOGIN_IN_URL, '$1$2').replace(SECRET_KEY, '$1'));
}

function entriesIn(folder: string): Dirent[] {
  return orNullSync(() => readdirSync(folder, { withFileTypes: true })) ?? [];
}

const namesIn = (folder: string): string[] => entriesIn(folder).map(({ name }) => name);
