import type { Task, TaskList } from '../model/task.ts';
import { isOpen, withTasks } from '../tasks/list/rules.ts';
import { applyVerdict, type Opinion, type Proof, verdictInput } from './audit.ts';
import type { Finding, Round } from './round.ts';

/** The list is written whole, so judgements are put into it several at a time. */
const SAVE_EVERY = 20;

/** Puts judgements into the list, several at once; each is made of the task as it is then. */
export function createSaver(round: Round, began: Date) {
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
