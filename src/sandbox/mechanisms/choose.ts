import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../factory/config/config.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { findProgram } from '../../lib/process/programs.ts';
import { runProgram } from '../../lib/process/run-program.ts';
import type { Surroundings } from '../mounts/surroundings.ts';
import { machineExhausted, saysExhausted } from '../run/exhausted.ts';
import { bubblewrap } from './bubblewrap.ts';
import { installHint } from './install-hint.ts';
import { FILTER_FD, type Launch, type Mechanism } from './mechanism.ts';
import { noSandbox } from './none.ts';
import { sandboxExec } from './sandbox-exec.ts';
import { systemCallFilter } from './system-calls.ts';
import { makeDevices, unshare } from './unshare.ts';

const TRIAL_TIMEOUT = 15_000;

export interface Choice {
  mode: Config['sandbox']['mode'];
  platform: NodeJS.Platform;
  /** The host's PATH. */
  path: string;
  surroundings: Surroundings;
  folder: string;
}

interface Candidate {
  name: Exclude<Config['sandbox']['mode'], 'auto' | 'off'>;
  /** `null` when its program is not there. */
  make(): Promise<Mechanism | null>;
}

/**
 * The first mechanism that works here, found by running something in it. `off` only when asked for by name.
 *
 * @throws DarkFactoryError `environment`/`sandbox_missing` with what was tried and the command that installs one;
 * `machine_exhausted` when a mechanism failed for a reason that passes
 */
export async function chooseMechanism(choice: Choice): Promise<Mechanism> {
  if (choice.mode === 'off') return noSandbox(choice.folder);
  const wanted = candidates(choice).filter(({ name }) => choice.mode === 'auto' || choice.mode === name);
  const tried: string[] = [];
  let passing = false;
  let first: Mechanism | undefined;
  for (const candidate of wanted) {
    const mechanism = await candidate.make();
    first ??= mechanism ?? undefined;
    const problem = mechanism === null ? MISSING : await tryOut(mechanism, choice.surroundings);
    if (mechanism !== null && problem === null) return mechanism;
    tried.push(`${candidate.name}: ${problem?.said}`);
    passing ||= problem?.passes === true;
  }
  const culprit = passing ? null : await pathAtFault(first, choice.surroundings);
  if (culprit !== null)
    throw new DarkFactoryError(
      'environment',
      'sandbox_missing',
      `The sandbox cannot show ${culprit}, which sandbox.readOnlyPaths of config.yaml names (${[...new Set(tried)].join('; ')})`,
      'Take it out of config.yaml, or name a folder within it.',
    );
  if (passing)
    throw machineExhausted(`No sandbox could be tried out just now (${[...new Set(tried)].join('; ')})`);
  throw new DarkFactoryError(
    'environment',
    'sandbox_missing',
    `No sandbox works on this machine, and without one no command of an agent is run (${[...new Set(tried)].join('; ')})`,
    installHint(choice.platform, choice.path, tried.join(' ')),
  );
}

/** The path of the owner's that the mechanism works without; `null`: it is none of these. */
async function pathAtFault(
  mechanism: Mechanism | undefined,
  surroundings: Surroundings,
): Promise<string | null> {
  for (const path of mechanism === undefined ? [] : surroundings.asked) {
    const mounts = surroundings.mounts.filter(({ target }) => target !== path);
    if (mechanism !== undefined && (await tryOut(mechanism, { ...surroundings, mounts })) === null)
      return path;
  }
  return null;
}

function candidates(choice: Choice): Candidate[] {
  const { platform, path } = choice;
  if (platform === 'linux') {
    return [
      { name: 'bubblewrap', make: () => makeBubblewrap(choice, true) },
      // Root needs no user namespace; where the kernel forbids them this still works.
      ...(process.getuid?.() === 0
        ? [{ name: 'bubblewrap' as const, make: () => makeBubblewrap(choice, false) }]
        : []),
      { name: 'unshare', make: () => makeUnshare(choice) },
    ];
  }
  if (platform !== 'darwin') return [];
  const make = async (): Promise<Mechanism | null> => {
    const program = findProgram('sandbox-exec', path);
    return program === null ? null : sandboxExec({ program, folder: choice.folder });
  };
  return [{ name: 'sandbox-exec', make }];
}

async function makeBubblewrap(
  { path, surroundings, folder }: Choice,
  userNamespace: boolean,
): Promise<Mechanism | null> {
  const program = findProgram('bwrap', path);
  if (program === null) return null;
  // One that cannot even say what it knows is found out by the trial.
  const asked = await runProgram(program, ['--help'], { env: process.env });
  const help = asked.problem === null ? asked.stdout + asked.stderr : '';
  const { identity } = surroundings;
  const unshare = findProgram('unshare', path);
  const filter = await writeFilter(folder);
  return bubblewrap({
    ...{ program, help, unshare, userNamespace },
    ...(identity ? { identity } : {}),
    ...(filter === null ? {} : { filter }),
  });
}

async function writeFilter(folder: string): Promise<string | null> {
  const filter = systemCallFilter();
  const file = join(folder, 'system-calls');
  if (filter !== null) await writeFile(file, filter, { mode: 0o600 });
  return filter === null ? null : file;
}

async function makeUnshare({ path, folder }: Choice): Promise<Mechanism | null> {
  const [program, setpriv] = [findProgram('unshare', path), findProgram('setpriv', path)];
  if (program === null || setpriv === null) return null;
  const root = join(folder, 'root');
  const devices = join(folder, 'devices');
  await mkdir(root, { recursive: true });
  await makeDevices(devices);
  return unshare({ program, setpriv, root, devices });
}

export interface Problem {
  said: string;
  /** It will work when the machine has less to do. */
  passes: boolean;
}
const MISSING: Problem = { said: 'not found on the PATH', passes: false };

/** Runs a shell that does nothing. @returns what went wrong, `null` when it worked */
function tryOut(mechanism: Mechanism, { mounts, env }: Surroundings): Promise<Problem | null> {
  const argv = ['/bin/sh', '-c', 'test "$(echo works)" = works'];
  return tryLaunch(mechanism.launch({ mounts, cwd: '/tmp', network: false, env, argv }));
}

/** @returns what went wrong, `null` when it worked */
export async function tryLaunch({ file, args, env, cwd, filter }: Launch): Promise<Problem | null> {
  const opened = ['-c', `exec ${FILTER_FD}< "$0" && exec "$@"`, filter ?? '', file, ...args];
  const [program, its] = filter === undefined ? [file, args] : ['/bin/sh', opened];
  const { problem, stderr, timedOut } = await runProgram(program, its, {
    env,
    cwd,
    timeoutMs: TRIAL_TIMEOUT,
  });
  if (problem === null) return null;
  const words = stderr.replaceAll('\n', ' ').trim() || problem;
  const said = timedOut ? `did nothing for ${TRIAL_TIMEOUT / 1_000} s` : words;
  return { said, passes: timedOut || saysExhausted(`${problem}\n${stderr}`) };
}
