import * as z from 'zod';
import { parseJson } from '../../lib/record.ts';
import { hasRepeatedKey } from '../../lib/text/repeated-keys.ts';

/** What a judge must answer, and nothing else: an answer about other tasks, or with words of its own, is no verdict. */
export const verdict = z.strictObject({
  complete: z.boolean(),
  evidence: z.string().trim().min(1),
  confidence: z.number().min(0).max(1),
});
export type Verdict = z.infer<typeof verdict>;

export type VerdictOutcome = { ok: true; verdict: Verdict } | { ok: false; problem: string };

export function readVerdict(answer: string): VerdictOutcome {
  const read = readAnswer(verdict, answer);
  return read.ok ? { ok: true, verdict: read.value } : read;
}

/**
 * Reads a judge's answer: one JSON object, alone or as the only thing in one fenced block. Words around it are refused, for
 * an object among words may be quoted from what was judged; so is a key that stands there twice, for nobody knows which of
 * its values was meant.
 */
export function readAnswer<T>(
  schema: z.ZodType<T>,
  answer: string,
): { ok: true; value: T } | { ok: false; problem: string } {
  const text = answer.trim();
  const json = /^```(?:json)?\s*\n([\s\S]*?)\n?```$/.exec(text)?.[1] ?? text;
  const value = parseJson(json);
  if (value === undefined)
    return { ok: false, problem: text === '' ? 'it is empty' : 'it is not one JSON object and nothing else' };
  if (hasRepeatedKey(json)) return { ok: false, problem: 'it names a key twice' };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  const place = issue?.path.join('.');
  return { ok: false, problem: `${place ? `${place}: ` : ''}${issue?.message ?? 'it does not fit'}` };
}

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
