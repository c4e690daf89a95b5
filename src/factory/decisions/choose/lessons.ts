import { cut } from '../../../lib/text/text.ts';
import { lastSummary } from '../../agent/memory/agent-state.ts';
import { describeReport } from '../../gates/run/describe.ts';
import type { Project } from '../../model/project.ts';
import type { StateStore } from '../../ports.ts';
import { describeBlocked } from '../../tasks/list/rules.ts';

/** Characters of each part; the parent's agent pays for them with every turn. */
const LONGEST = 1_500;

/**
 * How a branch ended and what it found out, from its state and evidence; its agents' own words come last and as quotations.
 */
export async function lessonsOf(state: StateStore, project: Project): Promise<string> {
  const parts = [`It ended ${project.status}: ${project.statusReason ?? 'no reason was put down'}`];
  const report = (await state.gates(project.id).list()).findLast(({ kind }) => kind === 'finish');
  if (report !== undefined && !report.passed) parts.push(`Its last gate failed:\n${describeReport(report)}`);
  const blocked = (await state.tasks(project.id).get()).tasks.filter(({ status }) => status === 'blocked');
  if (blocked.length > 0) parts.push(`Blocked tasks: ${describeBlocked(blocked)}`);
  for (const { templateName } of project.personas) {
    const words = lastSummary(await state.journal(project.id, templateName).entries());
    if (words !== null) parts.push(`${templateName} said: "${words}"`);
  }
  return parts.map((part) => cut(part, LONGEST)).join('\n');
}
