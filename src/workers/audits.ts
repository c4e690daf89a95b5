import { remember } from '../factory/agent/memory.ts';
import { createScribe, type Scribe } from '../factory/agent/scribe.ts';
import { settle } from '../factory/agent/settle.ts';
import { clip } from '../factory/agent/text.ts';
import type { QualityReport } from '../factory/gates/report.ts';
import { describeReport } from '../factory/gates/run-gate.ts';
import { AUDITOR } from '../factory/project/dispatch.ts';
import { loadSnapshot } from '../factory/project/snapshot.ts';
import type { AuditSummary, Project } from '../factory/project/project.ts';
import { applyVerdict, auditPrompt, JUDGE_SYSTEM_PROMPT, readVerdict } from '../factory/tasks/audit.ts';
import { assignment } from '../factory/tasks/assignment.ts';
import { isOpen, withTask } from '../factory/tasks/rules.ts';
import type { Evidence, Task } from '../factory/tasks/task.ts';
import { proveTask } from '../factory/tasks/task-tools.ts';
import { activeWhile } from './active.ts';
import { closeAudit } from './audit-outcome.ts';
import { gateHands } from './hands.ts';
import { type NotNow, waitForMoney } from './money.ts';
import { done, type JobContext, type Processor, skipped } from './processor.ts';

/** Most of the diff that a judge is shown, in bytes. */
const DIFF_LIMIT = 48 * 1024;
const ANSWER_TOKENS = 1_024;

interface Audit {
  context: JobContext;
  project: Project;
  scribe: Scribe;
  commit: string;
  report: QualityReport | undefined;
  signal: AbortSignal;
}

/** Asks a judge, task by task, whether the work is done; its word counts only with evidence. */
export const audits: Processor<'audits'> = async ({ projectId, kind, round }, context) => {
  const { services } = context;
  const { project, agents } = await loadSnapshot(services.state, projectId, services.config);
  const working = agents.some((agent) => agent.status !== 'completed');
  if (kind !== 'manual' && project.status !== 'active') return skipped(`the project is ${project.status}`);
  if (kind === 'closing' && working) return skipped('an agent is still at work');
  const journal = services.state.journal(projectId, AUDITOR);
  const writer = await journal.lease(round, await services.holder());
  if (writer === null) return skipped(`round ${round} is taken`);
  const scribe = createScribe(remember(await journal.entries()), writer, services.clock);
  await settle({ projectId, persona: AUDITOR, finance: await services.finance() }, scribe);
  const reports = await services.state.gates(projectId).list();
  const commit = await services.git.resolveCommit(project.repository, project.workBranch);
  const watched = await activeWhile(context, project, (signal) =>
    judgeAll({
      context,
      project,
      scribe,
      commit,
      report: reports.findLast((report) => report.kind !== 'baseline'),
      signal,
    }),
  );
  if (watched.stopped) return watched.result;
  if ('notNow' in watched.value) return waitForMoney(context, projectId, watched.value.notNow);
  const { findings, judge } = watched.value;
  if (kind === 'closing' && commit === project.baseCommit)
    findings.push({ persona: null, text: 'Nothing was committed.' });
  const summary: AuditSummary = {
    kind,
    round,
    at: services.clock.now(),
    commit,
    passed: findings.length === 0,
    judge,
    findings: findings.map(({ text }) => text),
  };
  await closeAudit(context, project, writer, { summary, findings, ms: watched.ms });
  await services.desk.dispatch(projectId);
  return done(`${kind} audit ${summary.passed ? 'passed' : `found ${findings.length} open`}`);
};

export interface Finding {
  /** Who has to go on; `null`: the first agent. */
  persona: string | null;
  text: string;
}

type Judged = { findings: Finding[]; judge: string } | { notNow: NotNow };

async function judgeAll(audit: Audit): Promise<Judged> {
  const { services } = audit.context;
  const { project } = audit;
  const now = services.clock.now();
  const list = await services.state
    .tasks(project.id)
    .update((current) =>
      current.tasks.length > 0 ? current : { ...current, tasks: [assignment(project, now)] },
    );
  const material = {
    worktreePath: project.worktreePath,
    diff: clip(await services.git.diff(project.repository, project.baseCommit, audit.commit), DIFF_LIMIT),
    gate: audit.report === undefined ? '- not run yet' : describeReport(audit.report),
  };
  const findings: Finding[] = [];
  let judge = 'nobody';
  for (const task of list.tasks.filter((each) => each.status !== 'skipped')) {
    const answer = await ask(audit, task, auditPrompt(task, material));
    if ('notNow' in answer) return answer;
    if (audit.signal.aborted) break;
    judge = answer.judge;
    const proof = await proofOf(audit, task);
    const judged = applyVerdict(task, readVerdict(answer.text), { judge, proof, commit: audit.commit, now });
    await audit.scribe.check();
    await services.state.tasks(project.id).update((current) => ({
      ...withTask(current, task.id, () => judged.task),
      lastAuditedAt: services.clock.now(),
    }));
    if (judged.finding !== null)
      findings.push({ persona: task.assignedPersona ?? null, text: judged.finding });
  }
  return { findings, judge };
}

/** One question. An answer that stands in the journal for this commit already is not paid for twice. */
async function ask(
  audit: Audit,
  task: Task,
  prompt: string,
): Promise<{ text: string; judge: string } | { notNow: NotNow }> {
  const { services } = audit.context;
  const key = `verdict-${task.id}-${audit.commit}`;
  const known = audit.scribe.memory.conversation.find(
    (message) => message.role === 'user' && message.text.startsWith(`${key}\n`),
  );
  if (known?.role === 'user') {
    const [, judge = '', ...text] = known.text.split('\n');
    return { judge, text: text.join('\n') };
  }
  const finance = await services.finance();
  const state = await services.state.finance(audit.project.id).get();
  let answer = { text: '', judge: 'nobody' };
  const outcome = await finance.complete({
    projectId: audit.project.id,
    operation: 'audit',
    persona: AUDITOR,
    step: audit.scribe.step,
    taskId: task.id,
    request: {
      system: JUDGE_SYSTEM_PROMPT,
      messages: [{ role: 'user', text: prompt }],
      tools: [],
      maxOutputTokens: ANSWER_TOKENS,
    },
    ...(state.currentProviderId === undefined ? {} : { avoidProvider: state.currentProviderId }),
    signal: audit.signal,
    opened: (record) => audit.scribe.append({ type: 'request', ...record }),
    failed: (record) => audit.scribe.append({ type: 'request_failed', ...record }),
    replied: (record) => {
      const text = record.message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
      answer = { text, judge: record.provider };
      return audit.scribe.append(
        { type: 'reply', ...record },
        { type: 'note', key, text: `${key}\n${record.provider}\n${text}` },
      );
    },
  });
  if (outcome.kind === 'wait' || outcome.kind === 'no_credits' || outcome.kind === 'budget')
    return { notNow: outcome };
  return answer;
}

/** What the factory itself can say of a task at the audited commit. */
async function proofOf(audit: Audit, task: Task): Promise<Evidence[]> {
  const { services } = audit.context;
  if (task.criteria.length === 0) return audit.report === undefined ? [] : [gateEvidence(audit.report)];
  const newest = new Map(
    task.evidence.filter((each) => each.kind === 'criterion').map((each) => [each.name, each]),
  );
  const fresh = task.criteria.every(({ name }) => newest.get(name)?.commit === audit.commit);
  if (fresh && !isOpen(task)) return [...newest.values()];
  const persona = task.assignedPersona ?? audit.project.personas[0]?.templateName ?? '';
  const runs = await proveTask(
    await gateHands(services),
    {
      project: audit.project,
      gateChecks: await services.desk.checks(audit.project, persona),
      commandTimeoutMs: services.config.gates.timeout,
      commit: audit.commit,
      signal: audit.signal,
    },
    task,
  );
  return runs.map(({ output: _output, ...rest }) => rest);
}

/** A gate that asks for nothing passes: the owner wanted the judge alone to decide. */
function gateEvidence(report: QualityReport): Evidence {
  return {
    kind: 'gate',
    name: report.checks.length === 0 ? 'gate without checks' : `gate ${report.id}`,
    passed: report.passed,
    commit: report.commit,
    sandbox: report.sandbox,
    at: report.timestamp,
    durationMs: report.durationMs,
  };
}
