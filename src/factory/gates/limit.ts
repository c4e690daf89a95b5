import type { Config } from '../config.ts';

/**
 * Gates at once on one machine: what the owner set, else one for two cores, and no more than fit into memory when each uses
 * what a command may use. At least one.
 *
 * @param machine number of cores; bytes of memory
 */
export function gateLimit(
  { gates, sandbox }: Pick<Config, 'gates' | 'sandbox'>,
  machine: { cores: number; memory: number },
): number {
  const fitting = Math.min(Math.floor(machine.cores / 2), Math.floor(machine.memory / sandbox.memory));
  return gates.concurrency ?? Math.max(1, fitting);
}
