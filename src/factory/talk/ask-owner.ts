import * as z from 'zod';
import { formatDuration } from '../../lib/duration.ts';
import { uuidFrom } from '../../lib/ids.ts';
import { brief } from '../../lib/text/text.ts';
import { defineTool, failed, said } from '../agent/tools/tool.ts';
import type { TalkEntry } from '../model/talk.ts';
import type { StateStore } from '../ports.ts';
import { findTask } from '../tasks/list/add.ts';
import { isOpen, setStatus, withTask } from '../tasks/list/rules.ts';
import type { TaskContext } from '../tasks/tools/task-context.ts';
import { workOn } from '../tasks/tools/update-task.ts';
import { isUnanswered, type Question, questionsIn } from './questions.ts';

/** What the tool needs besides. */
export interface AskContext extends TaskContext {
  state: TaskContext['state'] & Pick<StateStore, 'talk' | 'events'>;
  /** After so long a default decides. */
  patienceMs: number;
}

const LONGEST = 10_000;
const MOST_OPEN = 20;

const args = z.object({
  question: z
    .string()
    .trim()
    .min(1)
    .max(LONGEST)
    .describe('What has to be decided, so that it is understood by itself.'),
  options: z
    .array(z.string().trim().min(1).max(1_000))
    .min(1)
    .max(20)
    .optional()
    .describe('Answers to choose from.'),
  default: z
    .string()
    .trim()
    .min(1)
    .max(LONGEST)
    .optional()
    .describe(
      'What you go on with if nobody answers in time. Give one whenever any answer is better than none.',
    ),
  task_id: z.string().min(1).optional().describe('The task that cannot go on without the answer.'),
});

/** Answers at once: the work goes on. Calling it again under one key asks nothing twice. */
export const askOwner = defineTool<typeof args, AskContext>({
  name: 'ask_owner',
  description:
    'Asks the owner what only the owner can know. It does not wait: go on with other work; the answer comes as a message. ' +
    'Nobody may answer before morning, so give a default, which decides after a while. A task named with task_id is ' +
    'blocked until then.',
  args,
  onResume: 'again',
  async run({ task_id: reference, ...asked }, context, call) {
    const { state, project, persona, now, patienceMs } = context;
    const found =
      reference === undefined ? undefined : findTask((await state.tasks(project.id).get()).tasks, reference);
    if (found?.ok === false) return failed(`Nothing was asked: ${found.problem}`);
    const task = found?.value;
    if (task !== undefined && !isOpen(task))
      return failed(`Nothing was asked: "${task.title}" is ${task.status}.`);
    const id = uuidFrom(`${project.id}/${call.key}`);
    const at = now().toISOString();
    const hangs = task === undefined ? {} : { taskId: task.id };
    const entry: TalkEntry = { type: 'question', id, at, persona, ...asked, ...hangs };
    await call.check();
    let before: Question | undefined;
    let full = false;
    await state.talk(project.id).append((there) => {
      const questions = questionsIn(project.id, there);
      before = questions.find((each) => each.id === id);
      full = before === undefined && questions.filter(isUnanswered).length >= MOST_OPEN;
      return before === undefined && !full ? [entry] : [];
    });
    if (full)
      return failed(`Nothing was asked: ${MOST_OPEN} questions wait for an answer. Decide it yourself.`);
    if (task !== undefined && (before === undefined || isUnanswered(before))) {
      const why = `Waits for the answer to question ${id.slice(0, 8)}.`;
      await state
        .tasks(project.id)
        .update((list) =>
          withTask(list, task.id, (each) =>
            isOpen(each) ? { ...setStatus(each, 'blocked', why, now()), blockedBy: 'question' } : each,
          ),
        );
      await workOn(context, task.id, false);
    }
    if (before === undefined || !(await wasTold(context, id)))
      await context.record({
        ...{ type: 'question.asked', data: { questionId: id } },
        message: `The agent asks: ${brief(asked.question, 500)}`,
      });
    return said(answerOf(id, asked.default, patienceMs, task?.title));
  },
});

/** A crash may have come between the question and its event. */
async function wasTold({ state, project }: AskContext, id: string): Promise<boolean> {
  const events = await state.events(project.id).readAll();
  return events.some(({ type, data }) => type === 'question.asked' && data?.questionId === id);
}

function answerOf(
  id: string,
  byDefault: string | undefined,
  patienceMs: number,
  title: string | undefined,
): string {
  const then =
    byDefault === undefined
      ? 'It has no default, so whatever hangs on it waits for the owner.'
      : `If nobody answers within ${formatDuration(patienceMs)}, your default decides.`;
  const task = title === undefined ? '' : ` The task "${title}" is blocked until then.`;
  return `Asked (question ${id.slice(0, 8)}). ${then}${task} Go on with other work; the answer comes as a message.`;
}
