import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expecting, isMissing } from '../../../../lib/errno.ts';
import { DarkFactoryError, usageError } from '../../../../lib/failure.ts';
import { runProgram } from '../../../../lib/process/run-program.ts';
import type { Services } from '../../../../services.ts';
import { readWhole } from '../../../../state/files/files.ts';
import { resolveHome } from '../../../../state/home/home.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { parseWhole } from '../../framework/parse.ts';
import { createLaunchd } from './launchd.ts';
import type { ServiceManager, ServicePlan } from './service-manager.ts';
import { createSystemd } from './systemd.ts';

/** How long the manager's own program may take, in milliseconds: a restart waits for the running steps. */
const ASK_MS = 120_000;
/** Beside the grace of the workers, for closing everything. Milliseconds. */
const CLOSING_MS = 15_000;
export const MOST_BYTES = 1024 * 1024;

/** Of this system. Throws `environment`/`service_manager` where there is none. */
export function managerOf({ env }: CommandContext): ServiceManager {
  const ask = async (program: string, args: readonly string[]) => {
    const { stdout, stderr, problem } = await runProgram(program, args, { env, timeoutMs: ASK_MS });
    const [firstLine] = stderr.trim().split('\n');
    return { ok: problem === null, stdout, problem: firstLine || (problem ?? '') };
  };
  const userFolder = env['HOME'] || homedir();
  if (process.platform === 'darwin') return createLaunchd(ask, userFolder, process.getuid?.() ?? 0);
  if (process.platform === 'linux') return createSystemd(ask, env, userFolder);
  throw new DarkFactoryError(
    'environment',
    'service_manager',
    `There is no service for ${process.platform}`,
    'Use: df up --detach',
  );
}

/** Options of `df up` that a service may have. */
const LIMITS: readonly [name: string, least: number, most: number][] = [
  ['workers', 1, 64],
  ['concurrency', 1, 1_000],
  ['port', 0, 65_535],
];

/** One home is the rule; each other one has a service of its own. */
export function nameFor(root: string, env: NodeJS.ProcessEnv): string {
  const usual = resolveHome({ ...env, DF_HOME: '' }, env['HOME'] || homedir());
  if (root === usual) return 'dark-factory';
  return `dark-factory-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`;
}

export function planOf(
  { script, env }: CommandContext,
  { home, config }: Services,
  invocation: Invocation,
): ServicePlan {
  const args = LIMITS.flatMap(([name, least, most]) => {
    const value = textOption(invocation, name);
    if (value === undefined) return [];
    return [`--${name}`, String(parseWhole(`--${name}`, value, least, most))];
  });
  const program = resolve(script);
  if (/[\\/]_npx[\\/]/.test(program))
    throw usageError(
      'service_from_cache',
      `This program lies in a cache of npm (${program}), which may be emptied at any time`,
      'Install it first: npm install --global @dark-factory/cli',
    );
  return {
    name: nameFor(home.root, env),
    command: [process.execPath, program, 'up', ...args],
    env: Object.fromEntries(
      ['PATH', 'REDIS_URL', 'LANG'].flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
    ),
    home: home.root,
    stopWithinMs: config.workers.grace + CLOSING_MS,
    log: join(home.logs, 'service.log'),
  };
}

/** Services of ours that are written down, for whatever home. */
export interface Installed {
  name: string;
  file: string;
  home: string | null;
}

export async function installed(manager: ServiceManager): Promise<Installed[]> {
  const names = await readdir(manager.folder).catch(expecting(isMissing, []));
  return Promise.all(
    names.flatMap((file) => {
      const name = manager.nameOf(file);
      if (name === null) return [];
      const path = join(manager.folder, file);
      return readWhole(path, MOST_BYTES).then((found) => ({
        name,
        file: path,
        home: manager.homeIn(found?.data.toString('utf8') ?? ''),
      }));
    }),
  );
}
