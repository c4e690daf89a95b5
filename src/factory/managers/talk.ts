import { descendants } from '../decisions/tree/tree.ts';
import { type DispatchDeps, dispatchIfThere } from '../lifecycle/dispatch.ts';
import { ENDED, type Project } from '../model/project.ts';
import type { JobQueue } from '../ports.ts';
import { allQuestions, findQuestion } from '../talk/find-question.ts';
import { type Message, messagesOf, type TalkDeps, tell } from '../talk/messages.ts';
import { answer, isUnanswered, type Question, questionsIn, type ShownQuestion } from '../talk/questions.ts';
import { asItStands, refuseEnded, tellAfterEnd } from './refusals.ts';

/** Words between owners and agents. */
export interface Talk {
  /**
   * Says something to the agents: whichever is at work is told with its next request, once. Nobody waits for an answer.
   *
   * @param words at most 20,000 characters
   * @param by who says so. Missing: the owner
   * @throws DarkFactoryError `usage`: `message_invalid`, `too_many_messages` (100 wait), `project_ended`
   */
  sendMessage(projectId: string, words: string, by?: string): Promise<Message>;
  /** All messages to a project, oldest first, with their receipts. */
  getMessages(projectId: string): Promise<Message[]>;
  /** What agents ask, oldest first, with the answers. @param projectId missing: of all projects */
  getQuestions(projectId?: string): Promise<ShownQuestion[]>;
  /**
   * Answers a question; a project that waits for it goes on. Of several answers the first counts. Needs no Redis: without it workers see
   * the answer when they next compare the state files.
   *
   * @param questionId its id, or a unique beginning of it
   * @param by who says so. Missing: the owner
   * @throws DarkFactoryError `not_found`/`question_not_found`; `failed`/`already_answered`; `usage`: `question_ambiguous`,
   *   `answer_invalid`, `project_ended`
   */
  answerQuestion(questionId: string, words: string, by?: string): Promise<Question>;
}

export interface TalkManagerDeps extends TalkDeps, DispatchDeps {
  queue(): Promise<JobQueue>;
  /** In whose name it acts. */
  by: string;
  /** Lets a project go on whose question was answered. */
  answered(projectId: string): Promise<boolean>;
  state: DispatchDeps['state'];
}

/** @param projects of which they are; those that are not there count as ended */
function shown(
  questions: readonly Question[],
  projects: readonly Pick<Project, 'id' | 'status'>[],
): ShownQuestion[] {
  const going = new Set(projects.filter(({ status }) => !ENDED.has(status)).map(({ id }) => id));
  return questions.map((each) => ({ ...each, open: isUnanswered(each) && going.has(each.projectId) }));
}

export function createTalk(deps: TalkManagerDeps): Talk {
  const { state } = deps;
  return {
    async sendMessage(projectId, words, by = deps.by) {
      const project = await state.project(projectId).get();
      refuseEnded(project, 'no agent would be told', tellAfterEnd(project));
      const message = await tell(deps, project, words, { by });
      // It may have ended at that moment, and with it whoever would have been told.
      const after = await asItStands(state, projectId);
      const told = (await messagesOf(state, after)).find(({ id }) => id === message.id)?.deliveredAt;
      if (told === undefined) refuseEnded(after, 'no agent is told any more', tellAfterEnd(after));
      return message;
    },
    getMessages: async (projectId) => messagesOf(state, await state.project(projectId).get()),
    async getQuestions(projectId) {
      if (projectId === undefined) {
        const { projects } = await state.listSummaries();
        return shown(await allQuestions(state), projects);
      }
      const project = await state.project(projectId).get();
      return shown(questionsIn(projectId, await state.talk(projectId).entries()), [project]);
    },
    async answerQuestion(questionId, words, by = deps.by) {
      const question = findQuestion(await allQuestions(state), questionId);
      const project = await state.project(question.projectId).get();
      refuseEnded(project, 'nobody waits for the answer', tellAfterEnd(project));
      const answered = await answer(deps, question, words, by);
      for (const { id } of [project, ...(await descendants(state, project.id))])
        if (await deps.answered(id)) await dispatchIfThere(deps, id);
      return answered;
    },
  };
}
