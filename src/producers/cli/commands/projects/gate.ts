import type { QualityReport } from '../../../../factory/model/gates/gate-report.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { tellOutcome } from '../../live/await-job.ts';
import { gateLines } from '../../render/gate-text.ts';

/** `--wait` is the default: the exit code says whether the gate passed. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, agents } = await context.services();
  const id = await projectArgument(context, invocation);
  const { worktreePath } = await state.project(id).get();
  const { reportId, persona, job } = await agents.requestGate(id, textOption(invocation, 'persona'));
  context.err.line(`Asked for the gate of ${persona} (report ${reportId}).`);
  return tellOutcome(context, invocation, {
    ...{ job, projectId: id, what: 'gate', asked: { reportId, persona } },
    lines: (gate: QualityReport) => gateLines(gate, worktreePath),
    look: async () => (await state.gates(id).list()).find((each) => each.id === reportId),
  });
}
