import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Config } from '../factory/config.ts';
import { DarkFactoryError } from '../lib/failure.ts';
import { bubblewrap } from './bubblewrap.ts';
import { installHint } from './install-hint.ts';
import type { Mechanism } from './mechanism.ts';
import { noSandbox } from './none.ts';
import type { Surroundings } from './surroundings.ts';
import { findProgram } from './toolchains.ts';

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
  name: string;
  /** `null` when its program is not there. */
  make(): Promise<Mechanism | null>;
}

/**
 * The first mechanism that works here, found by running something in it. `off` only when asked for by name.
 *
 * @throws DarkFactoryError `environment`/`sandbox_missing` with what was tried and the command that installs one
 */
export async function chooseMechanism(choice: Choice): Promise<Mechanism> {
  if (choice.mode === 'off') return noSandbox(choice.folder);
  const wanted = candidates(choice).filter(({ name }) => choice.mode === 'auto' || choice.mode === name);
  const tried: string[] = [];
  for (const candidate of wanted) {
    const mechanism = await candidate.make();
    const problem =
      mechanism === null ? 'not found on the PATH' : await tryOut(mechanism, choice.surroundings);
    if (mechanism !== null && problem === null) return mechanism;
    tried.push(`${candidate.name}: ${problem}`);
  }
  throw new DarkFactoryError(
    'environment',
    'sandbox_missing',
    `No sandbox works on this machine, and without one no command of an agent is run (${tried.join('; ')}).`,
    await installHint(choice.platform, choice.path, tried.join(' ')),
  );
}

function candidates({ platform, path, surroundings }: Choice): Candidate[] {
  if (platform !== 'linux') return [];
  const make = async (userNamespace: boolean): Promise<Mechanism | null> => {
    const program = await findProgram('bwrap', path);
    if (program === null) return null;
    const { stdout, stderr } = await promisify(execFile)(program, ['--help']);
    const { identity } = surroundings;
    return bubblewrap({ program, help: stdout + stderr, userNamespace, ...(identity ? { identity } : {}) });
  };
  return [{ name: 'bubblewrap', make: () => make(true) }];
}

/** Runs a shell that does nothing. @returns what went wrong, `null` when it worked */
async function tryOut(mechanism: Mechanism, { mounts, env }: Surroundings): Promise<string | null> {
  const {
    file,
    args,
    env: outside,
    cwd,
  } = mechanism.launch({
    mounts,
    cwd: '/tmp',
    network: false,
    env,
    argv: ['/bin/sh', '-c', 'test "$(echo works)" = works'],
  });
  try {
    await promisify(execFile)(file, args, { env: outside, cwd, timeout: TRIAL_TIMEOUT });
    return null;
  } catch (error) {
    return error instanceof Error
      ? error.message.split('\n').slice(1).join(' ').trim() || error.message
      : String(error);
  }
}
