import { clip } from '../../lib/text/text.ts';
import { openBooks } from '../agent/turn/settle.ts';
import type { NotNow } from '../agent/turn/turn-types.ts';
import { describeReport } from '../gates/run/describe.ts';
import { AUDITOR } from '../model/agents.ts';
import type { QualityReport } from '../model/gates/gate-report.ts';
import { ENDED, type Project } from '../model/project.ts';
import type { Task, TaskList } from '../model/task.ts';
import type { JournalWriter } from '../ports.ts';
import { inDependencyOrder, openDependencies } from '../tasks/list/dependencies.ts';
import { isOpen, withTasks } from '../tasks/list/rules.ts';
import { markStale } from '../tasks/proof/evidence.ts';
import { assignment } from './assignment.ts';
import { applyVerdict, auditPrompt, type Opinion, type Proof, verdictInput } from './audit.ts';
import type { AuditDeps } from './deps.ts';
import { askJudge, type Judging } from './judge.ts';
import { type Opinions, openOpinions } from './opinions.ts';
import { createProver, type Prover } from './prover.ts';
import { openTranscript } from '../hearings/transcript.ts';

/** Most of the diff that a judge is shown, in bytes. */
const DIFF_LIMIT = 48 * 1024;
/** Where nothing was committed nothing is proved, whatever passes. */
const NO_WORK: Proof = { state: 'unknown', evidence: [], fresh: [] };
/** The list is written whole, so judgements are put into it several at a time. */
const SAVE_EVERY = 20;

interface Round extends Judging, Pick<AuditOrder, 'kind' | 'busy'> {
  project: Project;
  opinions: Opinions;
  commit: string;
  reports: readonly QualityReport[];
}

export interface Finding {
  taskId: string | null;
  /** Who has to go on; `null`: the first agent. */
  persona: string | null;
  text: string;
}

export interface AuditOutcome {
  findings: readonly Finding[];
  judge: string;
  commit: string;
}

export type Judged = AuditOutcome | { notNow: NotNow };

export interface AuditOrder {
  kind: 'closing' | 'periodic' | 'manual';
  /** Agents are at work meanwhile. */
  busy: boolean;
  signal: AbortSignal;
  log(line: string): void;
}

/**
 * One audit, in a scratch tree of the commit, with the packages lent to it: so a judge sees what is committed, whatever else lies
 * in the agent's worktree, or whether there still is one. What a dead predecessor left open is booked first.
 */
export async function judgeRound(
  deps: AuditDeps,
  project: Project,
  writer: JournalWriter,
  { kind, busy, signal, log }: AuditOrder,
): Promise<Judged> {
  const { state, git, sandbox, config, finance } = deps;
  const at = { projectId: project.id, persona: AUDITOR };
  const { session, entries } = await openBooks(deps, at, writer);
  const commit = await git.resolveCommit(project.repository, project.workBranch);
  const tree = await deps.trees.scratchTree(project, { commit });
  try {
    log(`${kind} audit of ${commit}`);
    return await judgeAll({
      ...{ deps, project, session, signal, kind, commit, busy, finance, projectId: project.id },
      transcript: openTranscript(entries, writer.step),
      opinions: openOpinions(entries, writer.step),
      look: {
        sandbox,
        place: tree.place,
        commandTimeoutMs: config.gates.timeout,
        newOutput: (label) => state.newOutput(project.id, label),
      },
      reports: await state.gates(project.id).list(),
    });
  } finally {
    await tree.remove();
    // Nobody else would remove what work on it left.
    if (ENDED.has(project.status)) await deps.trees.sweepScratchTrees(project.id, true);
  }
}

/**
 * Judges every task of the list, each after what it depends on. Proof comes first: where it fails, or could not be had,
 * no judge is paid, for its word could change nothing.
 */
async function judgeAll(round: Round): Promise<Judged> {
  const prover = await createProver(round);
  try {
    return await judgeEach(round, prover);
  } finally {
    await prover.close();
  }
}

async function judgeEach(round: Round, { prove }: Prover): Promise<Judged> {
  const { deps, project, commit } = round;
  const material = await materialOf(round);
  const began = deps.now();
  const saved = createSaver(round, began);
  let judge = 'the factory';
  let list = await prepare(round);
  const done = new Set<string>();
  for (const { id } of inDependencyOrder(list.tasks)) {
    if (round.signal.aborted) break;
    const task = list.tasks.find((each) => each.id === id);
    // What the owner skipped is settled; what an agent skipped is judged with the assignment as a whole.
    if (task === undefined || task.status === 'skipped') continue;
    if (openDependencies(list.tasks, task).some((each) => !done.has(each.id))) {
      if (isOpen(task)) saved.find(task, 'it waits for tasks that are not done.');
      continue;
    }
    const proof = commit === project.baseCommit ? NO_WORK : await prove(task);
    if (round.signal.aborted) break;
    const asked = await opinionOn(round, task, proof, auditPrompt(task, material, proof.evidence));
    if (asked === 'interrupted') break;
    if (asked !== null && 'notNow' in asked) {
      await saved.flush();
      return asked;
    }
    judge = asked?.judge ?? judge;
    if (proof.state === 'passed' && asked?.verdict?.complete) done.add(id);
    list = (await saved.judge(task, asked, proof)) ?? list;
  }
  await saved.flush();
  if (round.kind === 'closing' && commit === project.baseCommit)
    saved.findings.push({ taskId: null, persona: null, text: 'Nothing was committed.' });
  return { findings: saved.findings, judge, commit };
}

/** Marks what became stale, and adds the whole assignment as a task where the list alone does not stand for it. */
async function prepare({ deps, project, commit, kind }: Round): Promise<TaskList> {
  const history = await deps.git.history(project.repository, project.baseCommit, commit);
  return deps.state.tasks(project.id).update((current) => {
    const marked = withTasks(
      current,
      new Map(current.tasks.map(({ id }) => [id, (task) => markStale(task, history, project.baseCommit)])),
    );
    const whole = assignment(project, deps.now());
    const leftOut = marked.tasks.some((each) => each.status === 'skipped' && each.skippedBy !== 'owner');
    const needed = marked.tasks.length === 0 || (leftOut && kind === 'closing');
    if (!needed || marked.tasks.some(({ id }) => id === whole.id)) return marked;
    return { ...marked, tasks: [...marked.tasks, whole] };
  });
}

async function materialOf({ deps, project, commit, reports, look }: Round) {
  const report = reports.findLast((each) => each.kind !== 'baseline');
  return {
    assignment: project,
    worktreePath: look.place.appearsAt ?? look.place.worktree,
    diff: clip(await deps.git.diff(project.repository, project.baseCommit, commit), DIFF_LIMIT),
    gate: report === undefined ? '- not run yet' : describeReport(report),
    changedTests: report?.changedTests?.filter(({ by }) => by !== 'owner') ?? [],
  };
}

/** @returns `null` when nobody needs to be asked */
async function opinionOn(
  round: Round,
  task: Task,
  proof: Proof,
  question: string,
): Promise<Opinion | { notNow: NotNow } | 'interrupted' | null> {
  if (proof.state === 'failed' || round.commit === round.project.baseCommit) return null;
  if (proof.state === 'unknown' && isOpen(task)) return null;
  const input = verdictInput(task, round.commit, proof.evidence);
  const known = round.opinions.find(task.id, input);
  if (known !== undefined) return known;
  const asked = await askJudge(round, task, question);
  if (asked !== 'interrupted' && 'judge' in asked)
    await round.session.append(round.opinions.note(task.id, input, asked));
  return asked;
}

/** Puts judgements into the list, several at once; each is made of the task as it is then. */
function createSaver(round: Round, began: Date) {
  const { deps, project, commit, busy } = round;
  let waiting: { seen: Task; opinion: Opinion | null; proof: Proof }[] = [];
  const findings: Finding[] = [];
  const find = (task: Task, text: string) =>
    findings.push({ taskId: task.id, persona: task.assignedPersona ?? null, text: `${task.title}: ${text}` });

  async function flush(): Promise<TaskList | null> {
    if (waiting.length === 0) return null;
    await round.session.check();
    const batch = waiting;
    waiting = [];
    const now = deps.now();
    let found: Finding[] = [];
    const list = await deps.state.tasks(project.id).update((current) => {
      found = [];
      const changes = new Map(
        batch.map(({ seen, opinion, proof }): [string, (task: Task) => Task] => [
          seen.id,
          (task) => {
            // What its owner took off the list, or asks more of, meanwhile was not what was judged.
            if (task.status === 'skipped') return task;
            if (verdictInput(task, commit, []) !== verdictInput(seen, commit, [])) {
              if (isOpen(task))
                found.push({
                  taskId: seen.id,
                  persona: task.assignedPersona ?? null,
                  text: `${task.title}: its owner changed it while it was judged, so it was not judged as it is now.`,
                });
              return task;
            }
            // Somebody has proved or refuted more since this audit began to look.
            if (busy && task.evidence.some((each) => each.kind !== 'audit' && each.at > began)) return task;
            const judged = applyVerdict(task, opinion, {
              proof,
              commit,
              round: round.session.step,
              now,
              passing: busy,
            });
            if (judged.finding !== null)
              found.push({ taskId: seen.id, persona: task.assignedPersona ?? null, text: judged.finding });
            return judged.task;
          },
        ]),
      );
      return { ...withTasks(current, changes), lastAuditedAt: now };
    });
    findings.push(...found);
    return list;
  }

  return {
    findings,
    find,
    flush,
    async judge(task: Task, opinion: Opinion | null, proof: Proof): Promise<TaskList | null> {
      waiting.push({ seen: task, opinion, proof });
      return waiting.length >= SAVE_EVERY ? flush() : null;
    },
  };
}
