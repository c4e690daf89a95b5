import { makeScratch } from '../mounts/scratch.ts';
import type { Mechanism } from './mechanism.ts';

/**
 * No sandbox, by the owner's own hand. Commands still get the rebuilt environment, a home of their own and the limits of
 * time, processes, memory and output; they can read and change whatever the factory's user can.
 *
 * @param folder private folder of this process
 */
export function noSandbox(folder: string): Mechanism {
  return {
    name: 'off',
    ownProcesses: false,
    layers: false,
    detail: 'commands run without a sandbox',
    launch({ argv, env, cwd }) {
      const [file = '/bin/sh', ...args] = argv;
      const { home, temporary, remove } = makeScratch(folder);
      return { file, args, cwd, env: { ...env, HOME: home, TMPDIR: temporary }, after: remove };
    },
  };
}
