import type { Web } from '../../../web/web.ts';
import type { CommandContext } from '../../framework/context.ts';
import { aborted, listenForInterrupts } from '../../framework/interrupts.ts';
import { type Invocation, switchedOff, textOption } from '../../framework/options.ts';
import { parseWhole } from '../../framework/parse.ts';
import { bold, jsonText, plural } from '../../render/output.ts';
import { openBoard, readAddress } from './serve-board.ts';
import { startWorkerProcesses, type WorkerProcesses } from './worker-processes.ts';

/** Until Ctrl-C. Workers that die are started again; the embedded Redis lives as long as somebody uses it. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const count = parseWhole('--workers', textOption(invocation, 'workers') ?? '1', 1, 64);
  const concurrency = textOption(invocation, 'concurrency');
  if (concurrency !== undefined) parseWhole('--concurrency', concurrency, 1, 1_000);
  const services = await context.services();
  const address = readAddress(invocation, services.config.board);
  const interrupts = listenForInterrupts();
  const { shown } = await services.openRedis();
  await services.queues();
  const board = switchedOff(invocation, 'board') ? null : await openBoard(context, address, 'viewer');
  const workers = startWorkerProcesses({
    script: context.script,
    count,
    args: concurrency === undefined ? [] : ['--concurrency', concurrency],
    env: context.env,
    show: true,
    onRestart: (detail) => context.err.line(`warning: ${detail}`),
  });
  interrupts.second.addEventListener('abort', () => workers.hurry());
  try {
    if (!context.json)
      context.err.line(`Starting ${plural(count, 'worker process', 'worker processes')} ...`);
    const stopped = Promise.race([aborted(interrupts.first), workers.unusable]).then(() => false);
    if (await Promise.race([workers.ready.then(() => true), stopped]))
      tell(context, { redis: shown, workers: count, board });
    return await untilStopped(context, interrupts.first, workers);
  } finally {
    await workers.stop();
    await board?.close();
    interrupts.dispose();
  }
}

async function untilStopped(
  { err }: CommandContext,
  stop: AbortSignal,
  workers: WorkerProcesses,
): Promise<number> {
  const end = await Promise.race([aborted(stop), workers.unusable]);
  if (end !== undefined) return end.exitCode;
  err.line('Stopping after the current steps; press Ctrl-C again to interrupt them.');
  return 0;
}

function tell(
  { out, json, program }: CommandContext,
  { redis, workers, board }: { redis: string; workers: number; board: Web | null },
): void {
  if (json) {
    out.raw(jsonText({ redis, workers, ...(board === null ? {} : { board: board.url }) }, 0));
    return;
  }
  out.line(`Redis    ${redis}`);
  out.line(`Workers  ${plural(workers, 'process', 'processes')}`);
  if (board !== null) out.line(['Board    ', bold(board.url)]);
  out.line('It is up.');
  out.line(`Start projects with: ${program} start <id>. Stop all this with Ctrl-C.`);
}
