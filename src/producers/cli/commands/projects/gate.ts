import type { QualityReport } from '../../../../factory/model/gate-report.ts';
import { EXIT_CODE } from '../../../../lib/failure.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument, switchedOff, textOption } from '../../framework/options.ts';
import { awaitJob } from '../../live/await-job.ts';
import { gateLines } from '../../render/gate-text.ts';
import { jsonText, shortId } from '../../render/output.ts';
import { stoppedLooking, warnWithoutWorkers } from '../machine/worker-count.ts';

/** `--wait` is the default: the exit code says whether the gate passed. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, agents } = await context.services();
  const id = await state.resolveProject(requiredArgument(invocation));
  const { reportId, persona, job } = await agents.requestGate(id, textOption(invocation, 'persona'));
  context.err.line(`Asked for the gate of ${persona} (report ${reportId}).`);
  await warnWithoutWorkers(context);
  if (switchedOff(invocation, 'wait')) {
    if (context.json) context.out.raw(jsonText({ projectId: id, reportId, persona }));
    return 0;
  }
  const report = await awaitJob(context, { job, projectId: id, what: 'gate' }, async () =>
    (await state.gates(id).list()).find((each) => each.id === reportId),
  );
  if (report === undefined) {
    context.err.line(await stoppedLooking(context, 'the gate'));
    context.err.line(`Look with: ${context.program} status ${shortId(id)}`);
    return EXIT_CODE.failed;
  }
  show(context, report);
  return report.passed ? 0 : EXIT_CODE.failed;
}

function show({ out, json }: CommandContext, report: QualityReport): void {
  if (json) out.raw(jsonText(report));
  else for (const line of gateLines(report)) out.line(line);
}
