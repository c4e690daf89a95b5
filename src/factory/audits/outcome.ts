import { followJournal } from '../agent/memory/agent-state.ts';
import type { AuditSummary } from '../model/audit-summary.ts';
import { end } from '../model/lifecycle.ts';
import type { Project } from '../model/project.ts';
import type { JournalWriter } from '../ports.ts';
import { whoHasNews } from '../talk/notes.ts';
import { describeBlocked, onlyBlockedLeft } from '../tasks/list/rules.ts';
import { describeFindings } from './audit.ts';
import type { AuditDeps } from './deps.ts';
import type { AuditOutcome, Finding } from './round.ts';

/**
 * Saves how an audit ended. A closing audit that found open work wakes the agents that own it. When that happened too
 * often, or nothing is left but blocked tasks, the project ends as failed and says what is open.
 *
 * In this order, so that a crash in between repeats an act instead of losing it: agents, project, the auditor's journal.
 */
export async function closeAudit(
  deps: AuditDeps,
  project: Project,
  writer: JournalWriter,
  { kind, findings, judge, commit, ms }: AuditOutcome & { kind: AuditSummary['kind']; ms: number },
): Promise<AuditSummary> {
  const summary: AuditSummary = {
    ...{ kind, commit, judge, round: writer.step, at: deps.now() },
    passed: findings.length === 0,
    findings: findings.map(({ text }) => text),
  };
  const failed = summary.kind === 'closing' && !summary.passed;
  // An owner who has said something meanwhile is heard first, and the round is not held against anybody.
  const counts = failed && (await whoHasNews(deps.state, project)) === null;
  const reason = counts ? await reasonToEnd(deps, project, summary) : null;
  if (failed && reason === null) await wakeOwners(deps, project, summary, findings);
  await writer.check();
  await deps.state.project(project.id).update((current) => {
    const audited: Project = {
      ...current,
      auditRounds: summary.round,
      failedAudits: current.failedAudits + (counts ? 1 : 0),
      lastAudit: summary,
      activeMs: current.activeMs + ms,
      updatedAt: deps.now(),
    };
    return reason === null ? audited : end(audited, deps.now(), 'failed', reason);
  });
  await writer.append({ type: 'step_done', outcome: 'continue' });
  await deps.record({
    projectId: project.id,
    type: summary.passed ? 'audit.passed' : 'audit.failed',
    level: summary.passed ? 'info' : 'warn',
    message: summary.passed ? `Every task was found done by ${summary.judge}.` : summary.findings.join(' · '),
    data: { kind, round: summary.round, commit, durationMs: ms },
  });
  return summary;
}

/** Why a closing audit that found open work is the last one, or `null`. */
async function reasonToEnd(deps: AuditDeps, project: Project, summary: AuditSummary): Promise<string | null> {
  const { tasks } = await deps.state.tasks(project.id).get();
  const blocked = onlyBlockedLeft({ tasks });
  if (blocked !== null) return `Nothing is left to do but blocked tasks: ${describeBlocked(blocked)}`;
  const maxRounds = project.settings.rounds ?? deps.config.audits.maxRounds;
  if (project.failedAudits + 1 < maxRounds) return null;
  return `${maxRounds} audits found open work. Still open: ${summary.findings.join(' · ')}`;
}

/** Each owner gets its findings as a step of its own in its journal, and goes on from there. */
async function wakeOwners(
  deps: AuditDeps,
  project: Project,
  summary: AuditSummary,
  findings: readonly Finding[],
): Promise<void> {
  const personas = project.personas.map((each) => each.templateName);
  const owner = ({ persona }: Finding) =>
    persona !== null && personas.includes(persona) ? persona : personas[0];
  for (const persona of personas) {
    const mine = findings.filter((finding) => owner(finding) === persona);
    if (mine.length === 0) continue;
    const agent = await deps.state.agent(project.id, persona).get();
    if (agent.status !== 'completed') continue;
    const writer = await deps.state.journal(project.id, persona).lease(agent.nextStep, await deps.holder());
    if (writer !== null) {
      const text = describeFindings({ ...summary, findings: mine.map((each) => each.text) });
      await writer.append(
        { type: 'note', key: `audit-${summary.round}`, text },
        { type: 'step_done', outcome: 'continue' },
      );
    }
    await followJournal(deps.state, { projectId: project.id, persona });
  }
}
