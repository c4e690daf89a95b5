import { type Project, shownStatus } from '../../../factory/model/project.ts';
import { formatDuration } from '../../../lib/duration.ts';
import { expecting } from '../../../lib/errno.ts';
import { EXIT_CODE, isFailure } from '../../../lib/failure.ts';
import { asShown } from '../../documents/as-shown.ts';
import { countWorkers } from '../../documents/workers.ts';
import { stoppedLooking, watchWorkers } from '../commands/machine/worker-count.ts';
import { hasBranch, NO_BRANCH } from '../commands/projects/work-branch.ts';
import type { CommandContext } from '../framework/context.ts';
import { INTERRUPTED, listenForInterrupts } from '../framework/interrupts.ts';
import { bold, formatUsd, jsonText, shortId, type Text, yellow } from '../render/output.ts';
import { statusText } from '../render/status-text.ts';
import { type FollowEnd, follow } from './follow.ts';
import { createProgress } from './progress.ts';
import { wayOn } from './way-on.ts';

export interface WaitOptions {
  waitForCredits: boolean;
  /** Tell when no worker is left that could go on. */
  watchWorkers?: boolean;
  /** Write a line for each step also where there is no terminal. */
  everyStep?: boolean;
  /** Go on waiting when nobody reads the progress any more; otherwise that ends it as Ctrl-C does. */
  unread?: boolean;
  /** Cut from outside: waiting ends as after Ctrl-C. */
  signal?: AbortSignal;
}

/**
 * Follows a project to its end with live progress on stderr.
 *
 * @returns the exit code of the contract: 0 completed, 1 failed or timeout, 5 paused or out of credits; 130 after Ctrl-C
 *   and for a reader who went away, which leaves the project as it is
 */
export async function waitForProject(
  context: CommandContext,
  id: string,
  options: WaitOptions,
): Promise<{ exitCode: number; end: FollowEnd; project: Project }> {
  const { state, git, clock } = await context.services();
  const interrupts = listenForInterrupts({ unread: options.unread === true });
  const progress = createProgress(context.err, () => clock.now(), options.everyStep);
  const over = new AbortController();
  const watching = options.watchWorkers ? watchWorkers(context, over.signal) : undefined;
  try {
    const { end, project } = await follow({ state, git }, id, {
      waitForCredits: options.waitForCredits,
      signal: AbortSignal.any([interrupts.first, ...(options.signal === undefined ? [] : [options.signal])]),
      onLook: (look) => progress.show(look),
    });
    return { exitCode: exitCodeOf(end, project), end, project: await asShown(state, project) };
  } finally {
    over.abort();
    await watching;
    progress.end();
    interrupts.dispose();
  }
}

function exitCodeOf(end: FollowEnd, project: Project): number {
  switch (end) {
    case 'ended':
      return project.status === 'completed' ? 0 : EXIT_CODE.failed;
    case 'paused':
    case 'credits':
      return EXIT_CODE.waiting;
    case 'interrupted':
      return INTERRUPTED;
  }
}

/** Tells how the waiting ended: the Project with `--json`, a few lines for people otherwise. */
export async function tellEnd(context: CommandContext, end: FollowEnd, project: Project): Promise<void> {
  const { out, err, program } = context;
  if (context.json) out.raw(jsonText(project));
  const id = shortId(project.id);
  const reason = project.waiting?.detail ?? project.statusReason;
  switch (end) {
    case 'interrupted':
      err.line(await stoppedLooking(context, project.name));
      err.line(`Look again with: ${program} status ${id}   or: ${program} start ${id} --wait`);
      return;
    case 'paused':
      err.line([yellow('paused'), `  ${reason ?? ''}`]);
      err.line(await wayOnNow(context, project));
      return;
    case 'credits':
      err.line([yellow(`waiting for ${project.waiting?.for ?? 'credits'}`), `  ${reason ?? ''}`]);
      err.line(await wayOnNow(context, project));
      return;
    case 'ended':
      if (!context.json)
        for (const line of ending(project, await branchText(context, project), program)) out.line(line);
  }
}

async function wayOnNow({ services, env, program }: CommandContext, project: Project): Promise<string> {
  const workers = await countWorkers(await services(), env).catch(expecting(isFailure, null));
  return wayOn(project, workers, program);
}

function ending(project: Project, branch: string, program: string): Text[] {
  const id = shortId(project.id);
  const status = statusText(shownStatus(project));
  const figures = `${formatUsd(project.totalCost)}, ${formatDuration(project.activeMs)} of active time`;
  return [
    [bold(project.name), '  ', status, `  ${figures}`],
    ...(project.statusReason === undefined ? [] : [project.statusReason]),
    branch,
    `Evidence: ${program} tasks ${id}   Steps: ${program} show ${id}   Diff: ${program} diff ${id}   Report: ${program} export ${id}`,
  ];
}

async function branchText(context: CommandContext, project: Project): Promise<string> {
  const { git } = await context.services();
  return (await hasBranch(git, project))
    ? `Branch ${project.workBranch} in ${project.repository}`
    : NO_BRANCH;
}
