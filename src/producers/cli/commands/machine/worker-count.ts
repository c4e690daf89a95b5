import { sleepUnless } from '../../../../lib/async/sleep.ts';
import { expecting } from '../../../../lib/errno.ts';
import { isFailure } from '../../../../lib/failure.ts';
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
  const workers = await countWorkers(opened, env);
  if (workers === null)
    return `You stopped looking; whether a worker is at ${what} cannot be told: Redis does not answer, or hides who is connected. See ${program} doctor`;
  return `You stopped looking; ${what} ${workers > 0 ? 'goes on.' : `waits for a worker; start one with: ${program} up`}`;
}

/** Milliseconds between two looks at who works. */
const INTERVAL = 5_000;

/** Tells when the last worker has gone, and when one is there again, until the signal is cut. */
export async function watchWorkers(
  { services, env, err, program }: CommandContext,
  signal: AbortSignal,
): Promise<void> {
  const opened = await services();
  const now = async () => countWorkers(opened, env).catch(expecting(isFailure, null));
  let before = await now();
  while (!signal.aborted) {
    await sleepUnless(INTERVAL, signal);
    const count = signal.aborted ? null : await now();
    if (count === null || signal.aborted) continue;
    if (count === 0 && before !== 0)
      err.line([yellow('warning:'), ` no worker is running any more. Start one with: ${program} up`]);
    if (count > 0 && before === 0) err.line('A worker is running now.');
    before = count;
  }
}
