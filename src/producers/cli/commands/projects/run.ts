import type { Project } from '../../../../factory/model/project.ts';
import { countWorkers } from '../../../documents/workers.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warnOfHalt } from '../../framework/halt.ts';
import { listenForInterrupts } from '../../framework/interrupts.ts';
import { type Invocation, switchedOff } from '../../framework/options.ts';
import type { FollowEnd } from '../../live/follow.ts';
import { tellEnd, waitForProject } from '../../live/wait.ts';
import { jsonText, shortId } from '../../render/output.ts';
import { startOneWorker, type WorkerProcesses } from '../machine/worker-processes.ts';
import { create } from './init.ts';

export function run(context: CommandContext, invocation: Invocation): Promise<number> {
  return runProject(context, () => create(context, invocation), {
    waitForCredits: !switchedOff(invocation, 'waitForCredits'),
    unread: true,
    tell: (end, project) => tellEnd(context, end, project).then(() => undefined),
  });
}

interface Waiting {
  waitForCredits: boolean;
  /** It is worked on though nobody reads of it any more; otherwise that is an interrupt. */
  unread?: boolean;
  /** Nobody goes on with it later: what has not ended when the waiting does, or when that is interrupted, is ended. */
  endsWithIt?: 'always' | 'interrupted';
  /** Says how the waiting ended. @returns another exit code than that of the end */
  tell(end: FollowEnd, project: Project): Promise<number | undefined>;
}

/** Makes a project and waits for its end, with a worker of its own where there is none. @returns the exit code */
export async function runProject(
  context: CommandContext,
  make: () => Promise<Project>,
  waiting: Waiting,
): Promise<number> {
  const services = await context.services();
  // Redis, a provider and a sandbox first: a project that could not be worked on would be half made.
  await services.queues();
  await (await services.finance()).requireProvider();
  const alone = (await countWorkers(services, context.env)) === 0;
  if (alone) await services.sandbox();
  const project = await make();
  await warnOfHalt(context);
  await services.engine.startProject(project.id);
  const own = alone ? startOwnWorker(context) : null;
  return finish(context, project.id, own, waiting);
}

function startOwnWorker(context: CommandContext): WorkerProcesses {
  context.err.line('No worker is running; starting one for as long as this takes.');
  return startOneWorker(context);
}

async function finish(
  context: CommandContext,
  id: string,
  own: WorkerProcesses | null,
  { waitForCredits, unread = false, endsWithIt, tell }: Waiting,
): Promise<number> {
  const interrupts = listenForInterrupts({ unread });
  const stopWaiting = new AbortController();
  let broken: { exitCode: number; said: string } | undefined;
  void own?.unusable.then((end) => {
    broken = end;
    stopWaiting.abort();
  });
  interrupts.second.addEventListener('abort', () => own?.hurry());
  try {
    const waited = await waitForProject(context, id, {
      ...{ waitForCredits, unread },
      signal: stopWaiting.signal,
    });
    const isLeft = endsWithIt === 'always' || (endsWithIt !== undefined && interrupts.first.aborted);
    if (isLeft && waited.end !== 'ended') {
      const ended = await giveUp(context, id, waited.project);
      await own?.stop();
      return (await tell(waited.end, ended)) ?? waited.exitCode;
    }
    if (own !== null && interrupts.first.aborted) {
      context.err.line('Stopping the worker after its current step; press Ctrl-C again to interrupt it.');
    }
    await own?.stop();
    if (broken !== undefined) return tellBroken(context, id, broken);
    if (own === null || waited.end === 'ended')
      return (await tell(waited.end, waited.project)) ?? waited.exitCode;
    await tellLeft(context, waited.end, waited.project);
    return waited.exitCode;
  } finally {
    interrupts.dispose();
  }
}

/** Ends what nobody will go on with, and waits until what was under way is put away. */
async function giveUp(context: CommandContext, id: string, { waiting }: Project): Promise<Project> {
  const { engine } = await context.services();
  await engine.terminateProject(id, waiting?.detail ?? 'The command that had asked for it was interrupted.');
  return (await waitForProject(context, id, { waitForCredits: false, unread: true })).project;
}

function tellBroken(
  { err, program }: CommandContext,
  id: string,
  { exitCode, said }: { exitCode: number; said: string },
): number {
  err.line(said);
  err.line(
    `No worker can run here, so ${shortId(id)} stands still. Once that is fixed, go on with: ${program} up`,
  );
  return exitCode;
}

/** The project has not ended, and the worker that this command had started is gone again. */
async function tellLeft(context: CommandContext, end: FollowEnd, project: Project): Promise<void> {
  const { err, out, program } = context;
  if (end !== 'interrupted') await tellEnd(context, end, project);
  else if (context.json) out.raw(jsonText(project));
  // What is paused, or waits for a provider, has been told its way on.
  const wayOn = end === 'interrupted' ? ` ${project.name} goes on with: ${program} up` : '';
  err.line(`The worker of this command has stopped; nothing is lost.${wayOn}`);
  err.line(`Look at it with: ${program} status ${shortId(project.id)}`);
}
