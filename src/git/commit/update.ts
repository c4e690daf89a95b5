import { access, constants, lstat } from 'node:fs/promises';
import { errorCode, isUnseen, orNull } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { complaint, gitFailed, NO_FILES_FAULT, ownWords } from '../run/failures.ts';
import type { Git } from '../run/git.ts';
import { DURABLE } from '../run/identity.ts';
import type { Worktree } from '../run/places.ts';
import { CHECKOUT_MS, type GitCall } from '../run/run.ts';
import { despiteStaleLock, type LockDomain } from '../run/stale.ts';

export interface Staging {
  /** Which index is brought up to date. Missing: the worktree's own. */
  index?: string;
  /** Only the ids are wanted: no object is written to the repository. */
  infoOnly?: boolean;
  locks: LockDomain;
  /** Is told of what could not be looked at, before anything is staged; what it throws ends the call. */
  onUnseen?(unseen: string[]): void;
  /** So many paths git may refuse before it is asked no more. Default: 50. */
  mostRefusals?: number;
}

interface Update extends Staging {
  /** The written index also learns the times of files that were only looked at; one git of several does that. */
  refresh: boolean;
}

export interface Staged {
  /** Paths that git cannot hold (a name such as `git~1`) and files that cannot be read, each with the reason. */
  skipped: string[];
  /** Others that git refuses (a filter fails, say), each with its reason. The index has them as it had them before. */
  refused: string[];
  /** git refused so many that the rest was not staged. */
  tooMany: boolean;
  /** Large files that git was not done with in its time, with their sizes. The index has them as it had them before. */
  tooLong: string[];
  /** What git says of filters that failed, whose files it then took as they are. */
  unfiltered: string[];
  /** Folders or files that could not be looked at, in git's words: something may be missing. */
  unseen: string[];
}

type Starts = Pick<Git, 'worktree' | 'staleLock'>;

const MOST_REFUSALS = 50;
/** git's own `core.bigFileThreshold`. What a git that was ended had done of smaller files, the next one finds. */
const LARGE = 512 * 1024 * 1024;
const UNREADABLE = ['EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG'];
const UNFILTERED = /^error: .*(external filter|subprocess) '.*$/gm;

/**
 * Stages files; a path that git refuses is left out and named, so that one odd file does not lose the others' work. git says in
 * many ways what it refuses, and the names are the agent's: so the files are halved until such a one is alone.
 *
 * Throws `git_timeout` where no large file is to blame for it.
 */
export async function update(
  git: Starts,
  worktree: Worktree,
  staging: Staging,
  files: string[],
  staged: Staged,
): Promise<void> {
  const { mostRefusals = MOST_REFUSALS } = staging;
  const { skipped, refused } = staged;
  const groups = [files];
  let isFirst = true;
  let isRefreshed = false;
  for (let next = groups.pop(); next !== undefined; next = groups.pop()) {
    const some = { ...staging, refresh: !isRefreshed };
    const { stderr, files: group } = await updateInTime(git, worktree, some, next, staged);
    isRefreshed ||= stderr === null && group.length > 0;
    if (stderr === null) continue;
    if (isNoFilesFault(stderr, group)) throw gitFailed('stage the files', ownWords(stderr));
    const middle = Math.ceil(group.length / 2);
    const wasFirst = isFirst;
    if (isFirst) groups.push(await readableOf(worktree, group, skipped));
    else if (group.length > 1) groups.push(group.slice(middle), group.slice(0, middle));
    else refused.push(`${shown(group[0] ?? '')}: ${complaint(stderr)}`);
    isFirst = false;
    staged.tooMany = skipped.length + refused.length > mostRefusals;
    // Those that can be read are staged all the same.
    if (staged.tooMany && !wasFirst) break;
  }
}

/**
 * Without the large ones where git takes too long: it would begin each of them anew every time.
 *
 * @returns as `updateOnce`, and of which files
 */
async function updateInTime(
  git: Starts,
  worktree: Worktree,
  staging: Update,
  files: string[],
  staged: Staged,
): Promise<{ stderr: string | null; files: string[] }> {
  if (files.length === 0) return { stderr: null, files };
  try {
    return { stderr: await updateOnce(git, worktree, staging, files, staged), files };
  } catch (error) {
    const rest = isFailure(error, 'git_timeout') ? await smallOf(worktree, files, staged.tooLong) : files;
    if (rest.length === files.length) throw error;
    return updateInTime(git, worktree, staging, rest, staged);
  }
}

async function smallOf(worktree: Worktree, paths: readonly string[], large: string[]): Promise<string[]> {
  const small: string[] = [];
  for (const path of paths) {
    const found = await orNull(lstat(placeOf(worktree, path)), isUnseen);
    if (!found?.isFile() || found.size < LARGE) small.push(path);
    else large.push(`${shown(path)} (${Math.round(found.size / 1024 / 1024)} MiB)`);
  }
  return small;
}

/** @returns what git says when it fails, with nothing staged then; otherwise `null` */
async function updateOnce(
  git: Starts,
  worktree: Worktree,
  staging: Update,
  files: readonly string[],
  { skipped, unfiltered }: Staged,
): Promise<string | null> {
  const args = [
    'update-index',
    ...(staging.refresh ? ['--refresh'] : []),
    '--add',
    '--remove',
    '--replace',
    '-z',
    '--stdin',
  ];
  if (staging.infoOnly) args.splice(1, 0, '--info-only');
  const call = {
    ...callFor(staging),
    input: joinNul(files),
    timeoutMs: CHECKOUT_MS,
    ...(staging.infoOnly ? {} : { config: DURABLE }),
  };
  const { code, stderr } = await despiteStaleLock(git, staging.locks, () =>
    git.worktree(worktree, args, call),
  );
  // 1: the refresh, which comes first, found changed files. Everything that fails says 128.
  if (code > 1) return stderr;
  skipped.push(...[...stderr.matchAll(/^Ignoring path (.+)$/gm)].map(([, path]) => `${path}: invalid path`));
  unfiltered.push(...(stderr.match(UNFILTERED) ?? []));
  return null;
}

/** An agent may call a file as a system says that it has nothing left, and git repeats the name. */
function isNoFilesFault(stderr: string, paths: readonly string[]): boolean {
  const words = NO_FILES_FAULT.exec(ownWords(stderr))?.[0];
  return words !== undefined && !paths.some((path) => path.includes(words));
}

/** Without the files that we may not read; there may be thousands. What is gone, git finds out. */
async function readableOf(
  worktree: Worktree,
  paths: readonly string[],
  skipped: string[],
): Promise<string[]> {
  const readable: string[] = [];
  for (const path of paths) {
    const place = placeOf(worktree, path);
    try {
      if ((await orNull(lstat(place)))?.isFile()) await orNull(access(place, constants.R_OK));
      readable.push(path);
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined || !UNREADABLE.includes(code)) throw error;
      skipped.push(`${shown(path)}: it cannot be read (${code})`);
    }
  }
  return readable;
}

export function callFor(staging: Staging): GitCall {
  return staging.index === undefined ? {} : { variables: { GIT_INDEX_FILE: staging.index } };
}

export function placeOf(worktree: Worktree, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${worktree.folder}/`), Buffer.from(path, 'latin1')]);
}

/** A path for people. */
function shown(path: string): string {
  return Buffer.from(path, 'latin1')
    .toString('utf8')
    .replace(/\p{Cc}/gu, '?');
}

export function joinNul(paths: readonly string[]): Buffer {
  return Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
}
