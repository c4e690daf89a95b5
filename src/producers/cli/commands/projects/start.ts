import { ENDED, shownStatus } from '../../../../factory/model/project.ts';
import { expecting } from '../../../../lib/errno.ts';
import { isFailure } from '../../../../lib/failure.ts';
import { asShown } from '../../../documents/as-shown.ts';
import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation, switchedOff } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { tellEnd, waitForProject } from '../../live/wait.ts';
import { jsonText, shortId } from '../../render/output.ts';
import { warnWithoutWorkers } from '../machine/worker-count.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, engine } = await context.services();
  const id = await projectArgument(context, invocation);
  const wait = flagOption(invocation, 'wait');
  // Whoever comes back to wait for what has ended meanwhile is told how it ended.
  const isOver = (error: unknown) => wait && isFailure(error, 'project_ended');
  const started = await engine.startProject(id).catch(expecting(isOver, null));
  if (started !== null) {
    const { project, alreadyRunning } = started;
    context.err.line(
      alreadyRunning
        ? `${project.name} (${shortId(id)}) was started before and is ${shownStatus(project)}; nothing was changed.`
        : `Started ${project.name} (${shortId(id)}).`,
    );
    if (!ENDED.has(project.status)) await warnWithoutWorkers(context);
    if (!wait) {
      if (context.json) context.out.raw(jsonText(await asShown(state, project)));
      return 0;
    }
  }
  const waitForCredits = !switchedOff(invocation, 'waitForCredits');
  const {
    exitCode,
    end,
    project: after,
  } = await waitForProject(context, id, { waitForCredits, watchWorkers: true });
  await tellEnd(context, end, after);
  return exitCode;
}
