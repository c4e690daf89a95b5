import { isHeldBack } from '../agent/memory/agent-state.ts';
import type { NewEvent } from '../model/event.ts';
import { resume } from '../model/lifecycle.ts';
import type { Project } from '../model/project.ts';
import type { TaskList } from '../model/task.ts';
import type { Waiting } from '../model/waiting.ts';
import type { StateStore } from '../ports.ts';
import { onlyBlockedLeft, setStatus, withTasks } from '../tasks/list/rules.ts';
import { unheard, unheardAnswers } from './notes.ts';
import { decidedAt, decidedQuestions, isUnanswered, type Question, questionsOf } from './questions.ts';

export interface HoldDeps {
  state: Pick<StateStore, 'project' | 'talk' | 'journal' | 'tasks'>;
  now(): Date;
  record(event: NewEvent): Promise<void>;
  /** Milliseconds after which a default decides. */
  patience: number;
}

/**
 * What a project waits for before an agent's next step: the answer to a question of its own, once nothing else is left to do or its agent
 * gets nowhere. What can be
 * decided by a default is decided, and tasks that hung on an answer are open again when it is there.
 *
 * @param claims the agent says that it is done
 * @returns `null`: it goes on
 */
export async function holdFor(
  deps: HoldDeps,
  project: Project,
  { persona, claims }: { persona: string; claims: boolean },
): Promise<Waiting | null> {
  const { state, now } = deps;
  const questions = await decidedQuestions(deps, project, deps.patience);
  if (questions.length === 0) return null;
  const open = questions.filter(isUnanswered);
  const list = await state.tasks(project.id).get();
  const released = release(list, open, now());
  if (released !== list) await state.tasks(project.id).update((current) => release(current, open, now()));
  const [first] = open;
  if (first === undefined || (await unheard(state, project, persona)).length > 0) return null;
  if (!claims && onlyBlockedLeft(released) === null && !(await gotNowhere(state, project, persona)))
    return null;
  return waitingFor(first, open, deps);
}

async function gotNowhere(state: HoldDeps['state'], { id }: Project, persona: string): Promise<boolean> {
  return isHeldBack(await state.journal(id, persona).entries());
}

/** An agent is not given up before its owner has answered, and before it was told what was said. */
export async function awaitsOwner(
  state: Pick<StateStore, 'project' | 'talk' | 'journal'>,
  project: Project,
  persona: string,
): Promise<boolean> {
  return (
    (await questionsOf(state, project)).some(isUnanswered) ||
    (await unheard(state, project, persona)).length > 0
  );
}

/** Tasks that hung on an answer are open again when it is there. */
function release(list: TaskList, open: readonly Question[], now: Date): TaskList {
  const hangs = new Set(open.map(({ taskId }) => taskId));
  const free = list.tasks.filter(({ id, blockedBy }) => blockedBy === 'question' && !hangs.has(id));
  const change = (task: TaskList['tasks'][number]) =>
    setStatus(task, 'pending', 'Its question was answered.', now);
  return withTasks(list, new Map(free.map(({ id }) => [id, change])));
}

function waitingFor(first: Question, open: readonly Question[], { now, patience }: HoldDeps): Waiting {
  const dues = open.flatMap((each) => decidedAt(each, patience)?.getTime() ?? []);
  const until = dues.length === 0 ? {} : { until: new Date(Math.min(...dues)) };
  const others = open.length === 1 ? '' : ` and ${open.length - 1} more`;
  const detail = `It waits for your answer to question ${first.id.slice(0, 8)}${others}: see df questions, then df answer ${first.id.slice(0, 8)} TEXT.`;
  return { for: 'owner', detail, since: now(), ...until, question: first.id };
}

/** Lets a project that waits for an answer go on once there is one. @returns whether this call did */
export async function goOnWhenAnswered(deps: HoldDeps, projectId: string): Promise<boolean> {
  const { state, now, record } = deps;
  const waits = ({ status, waiting }: Project) => status === 'paused' && waiting?.question !== undefined;
  const project = await state.project(projectId).get();
  if (!waits(project)) return false;
  const questions = await decidedQuestions(deps, project, deps.patience);
  const news = await unheardAnswers(state, project);
  if (news.length === 0 && questions.some(isUnanswered)) return false;
  let changed = false;
  await state.project(projectId).update((current) => {
    changed = waits(current);
    return changed ? resume(current, now()) : current;
  });
  if (changed)
    await record({ projectId, type: 'project.woken', level: 'info', message: 'An answer has come.' });
  return changed;
}
