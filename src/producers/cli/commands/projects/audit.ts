import type { AuditSummary } from '../../../../factory/model/project.ts';
import { EXIT_CODE } from '../../../../lib/failure.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument, switchedOff } from '../../framework/options.ts';
import { awaitJob } from '../../live/await-job.ts';
import { cut, dim, green, jsonText, red, shortId, type Text } from '../../render/output.ts';
import { stoppedLooking, warnWithoutWorkers } from '../machine/worker-count.ts';

/** Waits for the verdict unless told otherwise: the exit code says whether every task was found done. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, projects } = await context.services();
  const id = await state.resolveProject(requiredArgument(invocation));
  const { round, job } = await projects.requestAudit(id);
  context.err.line(`Asked for an audit (round ${round}).`);
  await warnWithoutWorkers(context);
  if (switchedOff(invocation, 'wait')) {
    if (context.json) context.out.raw(jsonText({ projectId: id, round }));
    return 0;
  }
  const audit = await awaitJob(context, { job, projectId: id, what: 'audit' }, async () => {
    const { lastAudit } = await state.project(id).get();
    return lastAudit !== undefined && lastAudit.round >= round ? lastAudit : undefined;
  });
  if (audit === undefined) {
    context.err.line(await stoppedLooking(context, 'the audit'));
    context.err.line(`Look with: ${context.program} status ${shortId(id)}`);
    return EXIT_CODE.failed;
  }
  if (context.json) context.out.raw(jsonText(audit));
  else for (const line of auditLines(audit)) context.out.line(line);
  return audit.passed ? 0 : EXIT_CODE.failed;
}

export function auditLines(audit: AuditSummary): Text[] {
  const verdict = audit.passed ? green('every task is done') : red('open work was found');
  return [
    [`Audit by ${audit.judge}: `, verdict, dim(`  ${audit.kind}, commit ${audit.commit.slice(0, 12)}`)],
    ...audit.findings.map((finding) => `  “${cut(finding, 300)}”`),
  ];
}
