import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Check, fail, ok, warn } from '../../../../factory/diagnosis/check.ts';
import { runProgram } from '../../../../lib/process/run-program.ts';
import { runtimeOf } from '../../../../lib/process/runtime.ts';
import { formatBytes } from '../../../../lib/text/bytes.ts';

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

/** A machine with less memory is slow with two gates beside each other already. */
const SMALL_MEMORY = 3.6 * GIB;

/** @param total bytes of memory */
export function judgeMachine(total: number): Check {
  const detail = `${formatBytes(total)} of memory`;
  if (total >= SMALL_MEMORY) return ok('machine', detail);
  return warn('machine', detail, 'Use a machine with 4 GB or more, or fewer workers');
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
