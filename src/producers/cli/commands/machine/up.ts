import type { Web } from '../../../web/web.ts';
import type { CommandContext } from '../../framework/context.ts';
import { aborted, type Interrupts, listenForInterrupts } from '../../framework/interrupts.ts';
import { flagOption, type Invocation, switchedOff, textOption } from '../../framework/options.ts';
import { parseWhole } from '../../framework/parse.ts';
import { jsonText, plural } from '../../render/output.ts';
import { type IsUp, sayUp, starterOf } from '../service/detach.ts';
import { tellHungUp, tellStuck } from '../service/owner-told.ts';
import { openBoard, readAddress } from './serve-board.ts';
import { startWorkerProcesses, type WorkerProcesses } from './worker-processes.ts';

/**
 * Until Ctrl-C, `df down` or the end of its terminal. Workers that die are started again; the embedded Redis lives as long as
 * somebody uses it.
 */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const count = parseWhole('--workers', textOption(invocation, 'workers') ?? '1', 1, 64);
  const concurrency = textOption(invocation, 'concurrency');
  if (concurrency !== undefined) parseWhole('--concurrency', concurrency, 1, 1_000);
  if (flagOption(invocation, 'detach')) {
    const { upDetached } = await import('../service/up-detached.ts');
    return upDetached(context, invocation);
  }
  const starter = starterOf(context.env);
  const services = await context.services();
  const address = readAddress(invocation, services.config.board);
  const interrupts = listenForInterrupts({ unread: true });
  const { shown } = await services.openRedis();
  await services.queues();
  const since = services.clock.now();
  const forget = await services.runningUps.note({ since, detached: starter !== null, workers: count });
  const board = switchedOff(invocation, 'board') ? null : await openBoard(context, address, 'viewer');
  const workers = startWorkerProcesses({
    script: context.script,
    count,
    args: concurrency === undefined ? [] : ['--concurrency', concurrency],
    env: context.env,
    show: true,
    onRestart: (detail) => context.err.line(`warning: ${detail}`),
    onStuck: (stuck) => {
      tellStuck(services, stuck).catch((err: unknown) =>
        services.log.error({ err }, 'it could not be told that a worker cannot begin'),
      );
    },
  });
  interrupts.second.addEventListener('abort', () => workers.hurry());
  try {
    if (!context.json)
      context.err.line(`Starting ${plural(count, 'worker process', 'worker processes')} ...`);
    const stopped = Promise.race([aborted(interrupts.first), workers.unusable]).then(() => false);
    if (await Promise.race([workers.ready.then(() => true), stopped])) {
      tell(context, { redis: shown, workers: count, ...linkOf(board) }, starter !== null);
      starter?.({ redis: shown, workers: count, ...linkOf(board) });
    }
    return await untilStopped(context, interrupts, workers);
  } finally {
    await workers.stop();
    if (interrupts.hungUp()) await tellHungUp(services);
    await board?.close();
    await forget();
    interrupts.dispose();
  }
}

const linkOf = (board: Web | null) => (board === null ? {} : { board: board.url });

async function untilStopped(
  { err }: CommandContext,
  interrupts: Interrupts,
  workers: WorkerProcesses,
): Promise<number> {
  const end = await Promise.race([aborted(interrupts.first), workers.unusable]);
  if (end !== undefined) return end.exitCode;
  err.line('Stopping after the current steps; press Ctrl-C again to interrupt them.');
  return 0;
}

/** @param detached whoever started it is told, and nobody else needs the way in */
function tell({ out, json, program }: CommandContext, up: IsUp, detached: boolean): void {
  if (detached) out.line('It is up.');
  else if (json) out.raw(jsonText(up, 0));
  else {
    sayUp({ out }, up);
    out.line(`Start projects with: ${program} start <id>. Stop all this with Ctrl-C.`);
  }
}
