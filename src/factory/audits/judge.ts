import type { LookDeps } from '../gates/run/look.ts';
import { notTheAuthor } from '../hearings/author.ts';
import { type Asked, type HearingSession, hear } from '../hearings/hearing.ts';
import type { Task } from '../model/task.ts';
import { JUDGE_SYSTEM_PROMPT, type Opinion } from './audit.ts';
import type { AuditDeps } from './deps.ts';
import { judgedKey } from './opinions.ts';
import { judgeTools } from './tools.ts';
import { readVerdict, repairPrompt, type Verdict } from './verdict.ts';

const MAX_ANSWER_TOKENS = 4_096;

export interface Judging extends HearingSession {
  deps: AuditDeps;
  /** Where a judge looks. */
  look: LookDeps;
}

/**
 * Asks a judge about one task.
 *
 * @param input what the verdict depends on: words about anything else are not taken up
 */
export async function askJudge(
  judging: Judging,
  task: Task,
  { question, input }: { question: string; input: string },
): Promise<Opinion | Exclude<Asked<Verdict>, { judge: string }>> {
  const { deps, look, projectId } = judging;
  const heard = await hear(judging, {
    ...{ key: judgedKey(task.id, input), taskId: task.id, system: JUDGE_SYSTEM_PROMPT },
    opening: [{ role: 'user', text: question }],
    tools: judgeTools(look, task),
    turns: deps.config.audits.judgeTurns,
    maxAnswerTokens: MAX_ANSWER_TOKENS,
    ...(await notTheAuthor(deps.state, projectId)),
    read: readVerdict,
    repair: repairPrompt,
  });
  return heard !== 'interrupted' && 'judge' in heard ? { judge: heard.judge, verdict: heard.answer } : heard;
}
