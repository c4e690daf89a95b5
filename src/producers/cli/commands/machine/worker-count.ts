import { countWorkers } from '../../../documents/workers.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warnOfHalt } from '../../framework/halt.ts';
import { yellow } from '../../render/output.ts';

/** Work that is asked for while nobody is there to do it should not surprise anybody. */
export async function warnWithoutWorkers(context: CommandContext): Promise<void> {
  const { services, env, err, program } = context;
  await warnOfHalt(context);
  if ((await countWorkers(await services(), env)) !== 0) return;
  err.line([
    yellow('warning:'),
    ` no worker is running. Start one with: ${program} up   or: ${program} worker`,
  ]);
}

/** What Ctrl-C leaves behind: work goes on only where somebody does it. @param what begins no sentence */
export async function stoppedLooking(
  { services, env, program }: CommandContext,
  what: string,
): Promise<string> {
  const opened = await services();
  if (opened.emergencyStop.look() !== null)
    return `You stopped looking; the factory is halted, and ${what} waits for: ${program} resume --all`;
  const goesOn = (await countWorkers(opened, env)) !== 0;
  return `You stopped looking; ${what} ${goesOn ? 'goes on.' : `waits for a worker; start one with: ${program} up`}`;
}
