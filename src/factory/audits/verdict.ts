import * as z from 'zod';
import { type ReadAnswer, readAnswer } from '../hearings/answer.ts';

/** What a judge must answer, and nothing else: an answer about other tasks, or with words of its own, is no verdict. */
export const verdict = z.strictObject({
  complete: z.boolean(),
  evidence: z.string().trim().min(1),
  confidence: z.number().min(0).max(1),
});
export type Verdict = z.infer<typeof verdict>;

export const readVerdict = (answer: string): ReadAnswer<Verdict> => readAnswer(verdict, answer);

/** The one chance to say it in the form that was asked for. */
export function repairPrompt(problem: string): string {
  return [
    `You are auditing task completion status, and your answer cannot be used: ${problem}.`,
    'Answer with this JSON object alone, about this one task:',
    '{',
    '  "complete": boolean,',
    '  "evidence": string,',
    '  "confidence": number between 0 and 1',
    '}',
  ].join('\n');
}
