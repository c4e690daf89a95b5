import { several } from '../../lib/async/several.ts';
import type { NotNow } from '../agent/turn/turn-types.ts';
import { type Asked, hear } from '../hearings/hearing.ts';
import { messagesOf } from '../hearings/transcript.ts';
import type { ChatMessage } from '../model/message.ts';
import type { FinderState, JudgedFinding, ReviewReport } from '../model/review.ts';
import { readFindings, type Said } from './answer.ts';
import type { Bench, Reviewed } from './bench.ts';
import type { Finder } from './finders.ts';
import { repairPrompt, secondQuestion, systemPrompt } from './prompt.ts';

const MAX_ANSWER_TOKENS = 12_000;
/** Finders that are asked at a time. */
const AT_A_TIME = 3;

export interface Heard {
  finder: Finder;
  state: FinderState;
  said: readonly Said[];
}

type HearingOf = (finder: Finder) => { key: string; more: readonly ChatMessage[] };

export function firstHearing({ head }: Pick<Bench, 'head'>, { name }: Finder): ReturnType<HearingOf> {
  return { key: `review-${name}/${head}`, more: [] };
}

export function secondHearing(
  { at, outputs, head }: Bench,
  finder: Finder,
  findings: ReadonlyMap<string, JudgedFinding>,
): ReturnType<HearingOf> {
  const { key } = firstHearing({ head }, finder);
  const own = [...findings.values()].filter((each) => each.finder === finder.name);
  const text = secondQuestion(own.map((finding) => ({ finding, output: outputs.get(finding.id) })));
  return { key: `${key}-again`, more: [...messagesOf(at.transcript.of(key)), { role: 'user', text }] };
}

/** Asks finders side by side; whom money was short for once more, alone, when the others have given back what they had reserved. */
export async function askAll(
  bench: Bench,
  finders: readonly Finder[],
  hearingOf: HearingOf,
): Promise<Heard[] | Exclude<Reviewed, ReviewReport>> {
  const asked = new Map<Finder, Asked<Said[]>>();
  const ask = async (finder: Finder) =>
    void asked.set(finder, await askOne(bench, finder, hearingOf(finder)));
  await several(AT_A_TIME, finders, ask);
  for (const finder of finders) {
    const answer = asked.get(finder);
    if (isNotNow(answer) && answer.notNow.kind === 'budget') await ask(finder);
  }
  const heard: Heard[] = [];
  for (const [finder, answer] of asked) {
    if (answer === 'interrupted') return answer;
    if (isNotNow(answer) && !(bench.evenUnpaid && isFinal(answer.notNow))) return answer;
    heard.push(heardOf(finder, answer));
  }
  return finders.flatMap((finder) => heard.filter((each) => each.finder === finder));
}

const isNotNow = (answer: Asked<unknown> | undefined): answer is { notNow: NotNow } =>
  answer !== undefined && answer !== 'interrupted' && 'notNow' in answer;

/** Waiting would change nothing. */
function isFinal(notNow: NotNow): boolean {
  if (notNow.kind === 'budget') return notNow.until === undefined;
  return notNow.kind === 'refused';
}

function heardOf(
  finder: Finder,
  answer: { notNow: NotNow } | { judge: string; answer: Said[] | null },
): Heard {
  const { name } = finder;
  if ('notNow' in answer) {
    const { kind, detail } = answer.notNow;
    return { finder, said: [], state: { name, state: kind === 'budget' ? 'unpaid' : 'silent', why: detail } };
  }
  const { judge: by, answer: said } = answer;
  if (said !== null) return { finder, said, state: { name, state: 'answered', by } };
  return { finder, said: [], state: { name, state: 'silent', by, why: 'It gave no answer in the form.' } };
}

function askOne(
  { deps, at, tools, opening, avoidProvider }: Bench,
  finder: Finder,
  { key, more }: ReturnType<HearingOf>,
): Promise<Asked<Said[]>> {
  return hear(at, {
    ...{ key, tools, system: systemPrompt(finder), opening: [opening, ...more] },
    turns: deps.config.audits.judgeTurns,
    maxAnswerTokens: MAX_ANSWER_TOKENS,
    ...(avoidProvider === undefined ? {} : { avoidProvider }),
    read: readFindings,
    repair: repairPrompt,
  });
}
