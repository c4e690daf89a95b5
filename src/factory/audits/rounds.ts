import { clip } from '../../lib/text/text.ts';
import { openBooks } from '../agent/turn/settle.ts';
import type { NotNow } from '../agent/turn/turn-types.ts';
import { describeReport } from '../gates/run/describe.ts';
import { openTranscript } from '../hearings/transcript.ts';
import { AUDITOR } from '../model/agents.ts';
import { ENDED, type Project } from '../model/project.ts';
import type { Task, TaskList } from '../model/task.ts';
import type { JournalWriter } from '../ports.ts';
import { inDependencyOrder, openDependencies } from '../tasks/list/dependencies.ts';
import { isOpen, withTasks } from '../tasks/list/rules.ts';
import { markStale } from '../tasks/proof/evidence.ts';
import { withAssignment } from './assignment.ts';
import { auditPrompt, type Opinion, type Proof, verdictInput } from './audit.ts';
import type { AuditDeps } from './deps.ts';
import { askJudge } from './judge.ts';
import { checksOf, ungated } from './last-gates.ts';
import { openOpinions } from './opinions.ts';
import { createProver, type Prover } from './prover.ts';
import { reviewWork } from './review-work.ts';
import type { AuditOrder, Finding, Judged, Round } from './round.ts';
import { createSaver } from './saver.ts';

/** Most of the diff that a judge is shown, in bytes. */
const DIFF_LIMIT = 48 * 1024;
/** Where nothing was committed nothing is proved, whatever passes. */
const NO_WORK: Proof = { state: 'unknown', evidence: [], fresh: [] };
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

/** What a round knows of the list so far. */
interface Progress {
  saved: ReturnType<typeof createSaver>;
  material: Awaited<ReturnType<typeof materialOf>>;
  /** Tasks that were looked at, and those of them that are done. */
  seen: Set<string>;
  done: Set<string>;
  judge: string;
}

async function judgeEach(round: Round, prover: Prover): Promise<Judged> {
  const { deps, commit } = round;
  const material = await materialOf(round);
  const saved = createSaver(round, deps.now());
  const progress: Progress = { saved, material, seen: new Set(), done: new Set(), judge: 'the factory' };
  const isLeft = ({ id, status }: Task) => status !== 'skipped' && !progress.seen.has(id);
  for (let list = await prepare(round); list.tasks.some(isLeft); list = await prepare(round)) {
    const ended = await judgeList(round, prover, progress, list);
    if (ended !== null) return ended;
    await saved.flush();
    // At the end again: its owner may have skipped what stood for the assignment.
    if (round.kind !== 'closing') break;
  }
  if (round.kind === 'closing') saved.findings.push(...(await wholeFindings(round)));
  // What is open anyhow is worked on again, and only what follows is worth a review.
  if (round.kind === 'closing' && deps.config.audits.review && saved.findings.length === 0) {
    const reviewed = await reviewWork(round);
    if (reviewed === 'interrupted' || 'notNow' in reviewed) return reviewed;
    saved.findings.push(...reviewed.findings);
  }
  return { findings: saved.findings, judge: progress.judge, commit };
}

/** @returns how the round ends before its time; `null`: all of the list was looked at */
async function judgeList(
  round: Round,
  { prove }: Prover,
  progress: Progress,
  before: TaskList,
): Promise<Judged | null> {
  const { project, commit } = round;
  const { saved, material, seen, done } = progress;
  let list = before;
  for (const { id } of inDependencyOrder(list.tasks)) {
    if (round.signal.aborted) return cut(saved);
    const task = list.tasks.find((each) => each.id === id);
    // What the owner skipped is settled; what an agent skipped is judged with the assignment as a whole.
    if (task === undefined || task.status === 'skipped' || seen.has(id)) continue;
    seen.add(id);
    if (openDependencies(list.tasks, task).some((each) => !done.has(each.id))) {
      if (isOpen(task)) saved.find(task, 'it waits for tasks that are not done.');
      continue;
    }
    const proof = commit === project.baseCommit ? NO_WORK : await prove(task);
    if (round.signal.aborted) return cut(saved);
    const asked = await opinionOn(round, task, proof, auditPrompt(task, material, proof.evidence));
    if (asked === 'interrupted') return cut(saved);
    if (asked !== null && 'notNow' in asked) {
      await saved.flush();
      return asked;
    }
    progress.judge = asked?.judge ?? progress.judge;
    if (proof.state === 'passed' && asked?.verdict?.complete) done.add(id);
    list = (await saved.judge(task, asked, proof)) ?? list;
  }
  return null;
}

/** What is open of the work as a whole, whatever is said of its tasks. */
async function wholeFindings({ deps, project, commit, reports }: Round): Promise<Finding[]> {
  if (commit === project.baseCommit) return [{ taskId: null, persona: null, text: 'Nothing was committed.' }];
  return ungated(await checksOf(deps, project), reports, commit).map((persona) => ({
    taskId: null,
    persona,
    text: `The quality gate of ${persona} has not passed at this commit.`,
  }));
}

/** What was judged so far stays; without the rest nothing may be taken for done. */
async function cut(saved: Pick<ReturnType<typeof createSaver>, 'flush'>): Promise<'interrupted'> {
  await saved.flush();
  return 'interrupted';
}

/** Marks what became stale, and adds the whole assignment as a task where the list alone does not stand for it. */
async function prepare({ deps, project, commit, kind }: Round): Promise<TaskList> {
  const history = await deps.git.history(project.repository, project.baseCommit, commit);
  return deps.state.tasks(project.id).update((current) => {
    const marked = withTasks(
      current,
      new Map(current.tasks.map(({ id }) => [id, (task) => markStale(task, history, project.baseCommit)])),
    );
    return withAssignment(marked, project, kind, deps.now());
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
  const asked = await askJudge(round, task, { question, input });
  if (asked !== 'interrupted' && 'judge' in asked)
    await round.session.append(round.opinions.note(task.id, input, asked));
  return asked;
}
