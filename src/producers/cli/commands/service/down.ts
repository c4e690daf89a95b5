import { sleepUnless } from '../../../../lib/async/sleep.ts';
import { sendSignal } from '../../../../lib/process/others.ts';
import type { RunningUp } from '../../../../state/home/running-up.ts';
import { countWorkers } from '../../../documents/workers.ts';
import type { CommandContext } from '../../framework/context.ts';
import { INTERRUPTED, listenForInterrupts } from '../../framework/interrupts.ts';
import { flagOption, type Invocation } from '../../framework/options.ts';
import { jsonText, plural } from '../../render/output.ts';

/** Milliseconds between two looks at who is still there. */
const INTERVAL_MS = 100;

/** Ends every `df up` of this home and waits until all are gone. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { runningUps, config } = await context.services();
  const { here, elsewhere } = await runningUps.list();
  const now = flagOption(invocation, 'now');
  ask(here);
  if (here.length > 0 && !context.json) {
    const grace = `running steps get up to ${Math.round(config.workers.grace / 1_000)} s to end`;
    context.err.line(`Stopping ${describe(here)}; ${now ? 'running steps are interrupted' : grace}.`);
  }
  if (!(await gone(context, now))) return INTERRUPTED;
  const left = await countWorkers(await context.services(), context.env);
  if (context.json) {
    context.out.raw(jsonText({ stopped: here, elsewhere, workersLeft: left }));
    return 0;
  }
  tell(context, here, elsewhere, left ?? 0);
  return 0;
}

const ask = (ups: readonly RunningUp[]): void => {
  for (const { process } of ups) sendSignal(process.pid, 'SIGTERM');
};

/**
 * Ctrl-C interrupts the running steps, and another one stops the waiting.
 *
 * @returns whether all are gone
 */
async function gone({ services, err }: CommandContext, now: boolean): Promise<boolean> {
  const { runningUps } = await services();
  const interrupts = listenForInterrupts({ unread: true });
  let harder = false;
  try {
    for (;;) {
      const { here } = await runningUps.list();
      if (here.length === 0) return true;
      if (interrupts.second.aborted) return false;
      if (interrupts.first.aborted && !now && !harder)
        err.line('Interrupting the running steps. Ctrl-C again stops the waiting.');
      // A second request is a harder one.
      if ((now || interrupts.first.aborted) && !harder) {
        await sleepUnless(INTERVAL_MS, interrupts.second);
        ask(here);
        harder = true;
      }
      await sleepUnless(INTERVAL_MS, interrupts.second);
    }
  } finally {
    interrupts.dispose();
  }
}

function tell(
  { out, program }: CommandContext,
  stopped: readonly RunningUp[],
  elsewhere: readonly RunningUp[],
  left: number,
): void {
  if (stopped.length > 0) out.line(`Stopped: ${describe(stopped)}.`);
  else if (elsewhere.length === 0) out.line(`Nothing to stop: no ${program} up runs for this home.`);
  for (const { process } of elsewhere)
    out.line(
      `Process ${process.pid} on ${process.host.split('/', 1)[0]} cannot be reached from here: stop it there.`,
    );
  if (left > 0)
    out.line(
      `${plural(left, 'worker process', 'worker processes')} started otherwise (${program} worker, ${program} run) go on.`,
    );
}

const describe = (ups: readonly RunningUp[]): string =>
  ups.map(({ process, workers }) => `process ${process.pid} with ${plural(workers, 'worker')}`).join(', ');
