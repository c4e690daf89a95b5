import { execFile } from 'node:child_process';
import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { memoryNow } from '../../lib/machine.ts';
import { runtimeOf } from '../../lib/runtime.ts';
import { type Check, fail, ok, warn } from './checks.ts';
import { formatBytes } from './output.ts';

const execute = promisify(execFile);
const GIB = 1024 ** 3;

export function checkRuntime(): Check {
  const { name, version } = runtimeOf(process.versions);
  return ok('runtime', `${name} ${version}, ${process.platform} ${process.arch}`);
}

export async function checkGit(env: NodeJS.ProcessEnv): Promise<Check> {
  const remedy = 'Install git 2.25 or newer';
  const answer = await execute('git', ['--version'], { env: { PATH: env['PATH'] } }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    },
  );
  if (answer === null) return fail('git', 'there is no git on the PATH', remedy);
  return judgeGit(answer.stdout);
}

/** @param said what `git --version` printed */
export function judgeGit(said: string): Check {
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(said) ?? [];
  const version = said.replace(/^git version\s*/, '').trim();
  const old = Number(major) < 2 || (Number(major) === 2 && Number(minor) < 25);
  return old ? fail('git', `${version} is too old`, 'Install git 2.25 or newer') : ok('git', version);
}

export async function checkDisk(folder: string): Promise<Check> {
  const { bavail, blocks, bsize } = await statfs(await nearest(folder));
  return judgeDisk(bavail * bsize, blocks * bsize, folder);
}

/** The folder itself, or the nearest one above it that exists: the home is made when it is first needed. */
export async function nearest(folder: string): Promise<string> {
  const there = await stat(folder).then(
    () => true,
    () => false,
  );
  const parent = path.dirname(folder);
  return there || parent === folder ? folder : nearest(parent);
}

/** @param free and `size` in bytes */
export function judgeDisk(free: number, size: number, folder: string): Check {
  const detail = `${formatBytes(free)} of ${formatBytes(size)} free for ${folder}`;
  const remedy = 'Free some space, for example with `df clean`, or move DF_HOME to another disk';
  if (free < GIB) return fail('disk', detail, remedy);
  return free < 10 * GIB || free < size / 10 ? warn('disk', detail, remedy) : ok('disk', detail);
}

export async function checkMemory(): Promise<Check> {
  const { available, total } = await memoryNow();
  return judgeMemory(available, total);
}

/** @param available and `total` in bytes */
export function judgeMemory(available: number, total: number): Check {
  const detail = `${formatBytes(available)} of ${formatBytes(total)} available`;
  if (total < 4 * GIB * 0.9)
    return warn('memory', detail, 'Use a machine with 4 GB or more, or fewer workers');
  if (available < total / 5)
    return warn('memory', detail, 'Close other programs, or run fewer workers and gates');
  return ok('memory', detail);
}

/** A clock that differs more from Redis' is wrong, whichever of the two it is. Milliseconds. */
const CLOCK_APART = 5_000;

/** @param ahead milliseconds that this clock is ahead of Redis'; `took` is how long asking took */
export function judgeClock(ahead: number, took: number): Check {
  const apart = Math.max(0, Math.abs(ahead) - took / 2);
  if (apart <= CLOCK_APART) return ok('clock', `${Math.round(Math.abs(ahead))} ms from Redis'`);
  const which = ahead > 0 ? 'ahead of' : 'behind';
  return warn(
    'clock',
    `${(apart / 1_000).toFixed(1)} s ${which} Redis'`,
    'Let both machines set their clocks by NTP: waits, rates and leases depend on them',
  );
}

export async function checkMasterKey(home: string, env: NodeJS.ProcessEnv): Promise<Check> {
  if (env['DF_MASTER_KEY']) return ok('master key', 'from DF_MASTER_KEY');
  const file = path.join(home, 'master.key');
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return ok('master key', 'made when the first API key is stored');
  const others = found.mode & 0o077;
  if (others !== 0) {
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
    return fail('master key', `${file} may be read by others (mode ${mode})`, `Run: chmod 600 ${file}`);
  }
  return ok('master key', file);
}
