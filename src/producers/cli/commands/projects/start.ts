import { ENDED, type Project, shownStatus } from '../../../../factory/model/project.ts';
import { asShown } from '../../../documents/as-shown.ts';
import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation, switchedOff } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { tellEnd, waitForProject } from '../../live/wait.ts';
import { jsonText, shortId } from '../../render/output.ts';
import { warnWithoutWorkers } from '../machine/worker-count.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const id = await projectArgument(context, invocation);
  const { project, alreadyRunning } = await services.engine.startProject(id);
  context.err.line(
    alreadyRunning
      ? `${project.name} (${shortId(id)}) ${standing(project, context.program)}`
      : `Started ${project.name} (${shortId(id)}).`,
  );
  if (!ENDED.has(project.status)) await warnWithoutWorkers(context);
  if (!flagOption(invocation, 'wait')) {
    if (context.json) context.out.raw(jsonText(await asShown(services.state, project)));
    return 0;
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

function standing(project: Project, program: string): string {
  const status = shownStatus(project);
  if (!ENDED.has(project.status)) return `was started before and is ${status}; nothing was changed.`;
  const next = project.status === 'completed' ? 'apply' : 'retry';
  const why = next === 'apply' ? 'its work is taken' : 'it lives on';
  return `has ended (${status}); nothing was changed. With ${program} ${next} ${shortId(project.id)} ${why}.`;
}
