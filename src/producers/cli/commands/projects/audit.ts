import type { AuditSummary } from '../../../../factory/model/audit-summary.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { tellOutcome } from '../../live/await-job.ts';
import { cut, dim, green, red, type Text } from '../../render/output.ts';

/** Waits for the verdict unless told otherwise: the exit code says whether every task was found done. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, projects } = await context.services();
  const id = await projectArgument(context, invocation);
  const { round, job } = await projects.requestAudit(id);
  context.err.line(`Asked for an audit (round ${round}).`);
  return tellOutcome(context, invocation, {
    ...{ job, projectId: id, what: 'audit', asked: { round }, lines: auditLines },
    async look() {
      const { lastAudit } = await state.project(id).get();
      return lastAudit !== undefined && lastAudit.round >= round ? lastAudit : undefined;
    },
  });
}

export function auditLines(audit: AuditSummary): Text[] {
  const verdict = audit.passed ? green('every task is done') : red('open work was found');
  return [
    [`Audit by ${audit.judge}: `, verdict, dim(`  ${audit.kind}, commit ${audit.commit.slice(0, 12)}`)],
    ...audit.findings.map((finding) => `  “${cut(finding, 300)}”`),
  ];
}
