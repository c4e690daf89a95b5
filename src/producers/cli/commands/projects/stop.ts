import { type Project, shownStatus } from '../../../../factory/model/project.ts';
import { asShown } from '../../../documents/as-shown.ts';
import type { CommandContext } from '../../framework/context.ts';
import { haltAll, wantsAll } from '../../framework/halt.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { jsonText, shortId, yellow } from '../../render/output.ts';
import { hasBranch, NO_BRANCH } from './work-branch.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const given = textOption(invocation, 'reason')?.trim();
  if (wantsAll(invocation, 'stop')) return haltAll(context, given?.slice(0, 2_000) || 'Halted by its owner.');
  const { state, engine, git } = await context.services();
  const id = await projectArgument(context, invocation);
  const reason = given ? `Stopped by its owner: ${given.slice(0, 2_000)}` : 'Stopped by its owner.';
  const { project, changed, queued } = await engine.terminateProject(id, reason);
  if (context.json) context.out.raw(jsonText(await asShown(state, project)));
  else if (changed) {
    const isThere = await hasBranch(git, project);
    const rest = isThere ? `What was done stays on ${project.workBranch}` : withoutBranch(project);
    context.out.line(`Stopped ${project.name} (${shortId(id)}). ${rest}.`);
  } else {
    context.out.line(
      `${project.name} (${shortId(id)}) had ended before (${shownStatus(project)}); nothing was changed.`,
    );
  }
  if (!queued) {
    context.err.line([
      yellow('warning:'),
      ' Redis does not answer: workers clear up after it when it is back.',
    ]);
  }
  return 0;
}

/** No agent is asked before the gate has run on the base commit. */
function withoutBranch({ prepared, baselineGate }: Project): string {
  return prepared || baselineGate !== undefined ? NO_BRANCH : 'Nothing had been done, so there is no branch';
}
