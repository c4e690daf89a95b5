import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../../../factory/config/config.ts';
import { bytesToKeep, lacksRoom, type Space } from '../../../../factory/model/disk-space.ts';
import { memoryNow, spaceOf } from '../../../../lib/process/machine.ts';
import { runProgram } from '../../../../lib/process/run-program.ts';
import { runtimeOf } from '../../../../lib/process/runtime.ts';
import { type Check, fail, ok, warn } from './checks.ts';
import { formatBytes } from '../../render/output.ts';

const GIB = 1024 ** 3;

export function checkRuntime(): Check {
  const { name, version } = runtimeOf(process.versions);
  return ok('runtime', `${name} ${version}, ${process.platform} ${process.arch}`);
}

export async function checkGit(env: NodeJS.ProcessEnv): Promise<Check> {
  const remedy = 'Install git 2.25 or newer';
  const answer = await runProgram('git', ['--version'], { env: { PATH: env['PATH'] } });
  if (answer.missing) return fail('git', 'there is no git on the PATH', remedy);
  if (answer.problem !== null) return fail('git', answer.problem, remedy);
  return judgeGit(answer.stdout);
}

/** @param said what `git --version` printed */
export function judgeGit(said: string): Check {
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(said) ?? [];
  const version = said.replace(/^git version\s*/, '').trim();
  const old = Number(major) < 2 || (Number(major) === 2 && Number(minor) < 25);
  return old ? fail('git', `${version} is too old`, 'Install git 2.25 or newer') : ok('git', version);
}

type Limits = Pick<Config['limits'], 'diskFree' | 'memory'>;

export async function checkDisk(folder: string, limits: Limits): Promise<Check> {
  const space = await spaceOf(await nearest(folder));
  return space === null
    ? warn('disk', `${folder} does not tell`, 'Look at it with your system’s df')
    : judgeDisk(space, folder, limits);
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

/** Below what is to stay free new steps wait; above it nothing is wrong. */
export function judgeDisk(space: Space, folder: string, { diskFree }: Limits): Check {
  const detail = `${formatBytes(space.free)} of ${formatBytes(space.size)} free for ${folder}`;
  const remedy = 'Free some space, for example with `df clean`, or move DF_HOME to another disk';
  if (space.free === 0) return fail('disk', detail, remedy);
  if (!lacksRoom(space, diskFree)) return ok('disk', detail);
  const wanted = formatBytes(bytesToKeep(diskFree, space.size));
  return warn('disk', `${detail}; ${wanted} are to stay free (limits.diskFree), so new steps wait`, remedy);
}

export async function checkMemory(limits: Limits): Promise<Check> {
  const { available, total } = await memoryNow();
  return judgeMemory(available, total, limits);
}

/** @param available and `total` in bytes */
export function judgeMemory(available: number, total: number, { memory }: Limits): Check {
  const detail = `${formatBytes(available)} of ${formatBytes(total)} available`;
  if (total < 4 * GIB * 0.9)
    return warn('memory', detail, 'Use a machine with 4 GB or more, or fewer workers');
  if (1 - available / total > memory)
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
