import type { Config } from '../../config/config.ts';

/**
 * Gates at once on one machine: what the owner set, else one for two cores, and no more than fit into memory when each uses
 * what a command may use. At least one.
 *
 * While more memory is in use than `limits.memory` says, half as many; one alone when less than half of the rest is left.
 *
 * @param machine number of cores; bytes of memory, and of those that could be had now
 */
export function gateLimit(
  { gates, sandbox, limits }: Pick<Config, 'gates' | 'sandbox' | 'limits'>,
  machine: { cores: number; memory: number; available: number },
): number {
  const fitting = Math.min(Math.floor(machine.cores / 2), Math.floor(machine.memory / sandbox.memory));
  const most = gates.concurrency ?? Math.max(1, fitting);
  const spare = machine.memory * (1 - limits.memory);
  if (machine.available >= spare) return most;
  return machine.available < spare / 2 ? 1 : Math.max(1, Math.floor(most / 2));
}
