import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdir, open, readFile, readlink, realpath, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
/** The process of the embedded Redis: found, started, recognised. Who uses it and when it ends is `embedded.ts`. */
import { hasCode, isUnseen, orNull } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { installCommand } from '../../lib/install-command.ts';
import { isAlive } from '../../lib/process/others.ts';
import { findProgram } from '../../lib/process/programs.ts';

const SOCKET = 'redis.sock';
const PID_FILE = 'redis.pid';
const LOG_FILE = 'redis.log';
const APPEND_FOLDER = 'appendonlydir';
/** Linux takes 107 bytes for the path of a Unix socket, macOS 103; longer ones fail at bind. */
const LONGEST_SOCKET_PATH = 100;
/** A large append-only file takes its time to load; milliseconds. */
const START_DEADLINE = 60_000;

/**
 * The path under which clients reach the socket. Where the folder's own path is too long for a Unix socket, a symbolic
 * link of this user in the temporary folder stands for it.
 */
export async function socketPath(runFolder: string): Promise<string> {
  const direct = join(runFolder, SOCKET);
  if (Buffer.byteLength(direct) <= LONGEST_SOCKET_PATH) return direct;
  const user = process.getuid?.() ?? 0;
  const hash = createHash('sha256').update(runFolder).digest('hex').slice(0, 16);
  const short = join(tmpdir(), `df-${user}-${hash}`);
  await symlink(runFolder, short).catch(async (error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
    // Somebody else's link would lead our jobs to somebody else's Redis.
    const found = await lstat(short);
    if (found.isSymbolicLink() && found.uid === user && (await readlink(short)) === runFolder) return;
    throw new DarkFactoryError(
      'environment',
      'redis_socket_taken',
      `${short} stands where the embedded Redis needs a link to ${runFolder}`,
      'Remove it, or choose a DF_HOME with a shorter path.',
    );
  });
  return join(short, SOCKET);
}

/** Makes the folder for this user alone. Throws `environment`/`run_folder` when it cannot be made. */
export async function makeRunFolder(runFolder: string): Promise<void> {
  try {
    await mkdir(runFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new DarkFactoryError(
      'environment',
      'run_folder',
      `The folder ${runFolder} cannot be made: ${error instanceof Error ? error.message : String(error)}`,
      'Make it writable, or set DF_HOME to a folder that is.',
      { cause: error },
    );
  }
}

/**
 * The Redis binary on `path`.
 *
 * @throws DarkFactoryError `environment`/`redis_missing` with the command that installs it
 */
export async function findServer(
  path: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  const found = findProgram('redis-server', path) ?? findProgram('valkey-server', path);
  if (found !== null) return found;
  const command = installCommand('Redis', path, platform);
  const how =
    command === null
      ? 'Use the package manager of this system to install it'
      : `Install it with \`${command}\``;
  throw new DarkFactoryError(
    'environment',
    'redis_missing',
    'Neither redis-server nor valkey-server is on the PATH',
    `${how}, or set REDIS_URL to a Redis that runs.`,
  );
}

interface StartOptions {
  binary: string;
  runFolder: string;
  path: string;
  answers: () => Promise<boolean>;
  onProblem: (message: string) => void;
  /** Throws when another process took over the right to start one. */
  assertHeld: () => void;
}

/**
 * Starts a server in `runFolder` and waits until `answers` says that it serves. Only under the lock of that folder.
 *
 * An append-only file that Redis refuses is set aside and the server starts empty: state files are the truth, and what was
 * queued is queued again from them. `onProblem` hears of it.
 *
 * @throws DarkFactoryError `environment`/`redis_start_failed` with the last lines of its log
 */
export async function startServer(options: StartOptions): Promise<void> {
  const { runFolder } = options;
  if (await attempt(options)) return;
  const kept = join(runFolder, APPEND_FOLDER);
  const aside = `${kept}.unreadable-${Date.now()}`;
  const moved = await rename(kept, aside).then(
    () => true,
    () => false,
  );
  if (moved && (await attempt(options))) {
    options.onProblem(`The embedded Redis could not read its file; it was set aside as ${aside}`);
    return;
  }
  const lines = (await lastLines(join(runFolder, LOG_FILE))).join(' | ');
  if (moved) {
    await rm(kept, { recursive: true, force: true });
    await rename(aside, kept);
  }
  throw new DarkFactoryError(
    'environment',
    'redis_start_failed',
    `The embedded Redis did not start: ${lines === '' ? 'it left no log' : lines}`,
    `Look at ${join(runFolder, LOG_FILE)}, or set REDIS_URL to a Redis that runs.`,
  );
}

async function attempt(options: StartOptions): Promise<boolean> {
  options.assertHeld();
  const server = await launch(options.binary, options.runFolder, options.path);
  const end = performance.now() + START_DEADLINE;
  while (!server.ended() && performance.now() < end) {
    if (await options.answers()) return true;
    await wait(3);
  }
  if (server.ended()) return false;
  // This process may have been suspended for all of that time, and others use the server by now.
  if (await options.answers()) return true;
  server.kill();
  return false;
}

interface Launched {
  ended(): boolean;
  kill(): void;
}

/**
 * All paths are relative to the folder the server runs in: long or odd folder names then never pass through Redis' own
 * parsing of arguments. The shell writes the pid before it becomes the server, so that a server is never without one; its
 * own session keeps the terminal's Ctrl-C away; the small environment keeps our keys out of it.
 */
async function launch(binary: string, runFolder: string, path: string): Promise<Launched> {
  const logFile = join(runFolder, LOG_FILE);
  await rename(logFile, `${logFile}.1`).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
  const log = await open(logFile, 'w', 0o600);
  try {
    const child = spawn('/bin/sh', ['-c', `echo $$ > ${PID_FILE} && exec "$0" "$@"`, binary, ...SETTINGS], {
      cwd: runFolder,
      env: { PATH: path, LC_ALL: 'C' },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.unref();
    let ended = false;
    // At once: it may end while the log is closed here.
    for (const event of ['exit', 'error'])
      child.once(event, () => {
        ended = true;
      });
    return { ended: () => ended, kill: () => void child.kill('SIGKILL') };
  } finally {
    await log.close();
  }
}

const SETTINGS = [
  ...['--port', '0', '--unixsocket', SOCKET, '--unixsocketperm', '700', '--dir', '.'],
  ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
  ...['--maxmemory-policy', 'noeviction', '--daemonize', 'no', '--databases', '1'],
];

/**
 * The id of the server that was started last in this folder, when that process still lives and is a Redis.
 * After a crash or a reboot the file may name any process.
 */
export async function runningServer(runFolder: string): Promise<number | null> {
  const text = (await orNull(readFile(join(runFolder, PID_FILE), 'utf8'))) ?? '';
  const pid = Number(text.trim());
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return null;
  return (await isOurs(pid, runFolder)) ? pid : null;
}

/** Where there is no /proc (macOS) a living process counts as ours: waiting too long is better than two servers. */
async function isOurs(pid: number, runFolder: string): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(runFolder));
  } catch (error) {
    // Ended in between, or it belongs to another user and so is none of ours.
    if (isUnseen(error)) return false;
    throw error;
  }
}

/** @returns `false` when it still lives after `deadline` milliseconds */
export async function serverGone(runFolder: string, deadline: number): Promise<boolean> {
  const end = performance.now() + deadline;
  while ((await runningServer(runFolder)) !== null) {
    if (performance.now() > end) return false;
    await wait(3);
  }
  return true;
}

async function lastLines(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-3);
}
