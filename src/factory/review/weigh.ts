import { brief } from '../../lib/text/text.ts';
import type { JudgedFinding } from '../model/review.ts';
import { MOST_FINDINGS, type Said } from './answer.ts';
import type { Heard } from './ask.ts';
import type { Bench } from './bench.ts';
import { judgeBefore } from './judge.ts';
import { prove } from './prove.ts';

/** Judges what was said in a round, one after the other: a machine runs one test suite at a time better than five. @returns `false` when it was cut off */
export async function judgeAll(
  bench: Bench,
  heard: readonly Heard[],
  round: number,
  findings: Map<string, JudgedFinding>,
): Promise<boolean> {
  for (const { finder, state, said } of heard) {
    let number = [...findings.values()].filter((each) => each.finder === finder.name).length;
    for (const [index, each] of said.entries()) {
      const corrects = each.ok && each.finding.id !== undefined ? findings.get(each.finding.id) : undefined;
      const isOwn = corrects?.finder === finder.name && !corrects.confirmed;
      if (!isOwn) number += 1;
      const id = isOwn ? corrects.id : `${finder.name}-${number}`;
      const head = { id, finder: finder.name, by: state.by ?? '', round };
      const judged = await judge(bench, head, each, index >= MOST_FINDINGS);
      if (judged === null) return false;
      findings.set(id, judged);
      await bench.tell(judged);
    }
  }
  return true;
}

/** @returns `null` when it was cut off */
async function judge(
  { deps, at, change, sides, outputs }: Bench,
  head: Pick<JudgedFinding, 'id' | 'finder' | 'by' | 'round'>,
  said: Said,
  tooMany: boolean,
): Promise<JudgedFinding | null> {
  if (!said.ok) {
    const why = `It has not the form of a finding: ${brief(said.problem, 200)}.`;
    return { ...head, verdict: 'rejected', confirmed: false, why, said: said.said };
  }
  const { id: _, repro, ...words } = said.finding;
  const finding = { ...head, ...words, ...(repro ? { repro } : {}), runs: [] };
  const before = tooMany
    ? {
        verdict: 'rejected' as const,
        why: `Only the first ${MOST_FINDINGS} findings of a finder are looked at.`,
      }
    : judgeBefore(said.finding, change);
  if (before !== null || !repro) return { ...finding, ...(before ?? OPEN), confirmed: false };
  const timeoutMs = deps.config.gates.timeout;
  const proved = await prove({ trees: deps.trees, timeoutMs }, sides, { id: head.id, repro }, at.signal);
  if (proved === null) return null;
  const { output, ...judgement } = proved;
  outputs.set(head.id, output);
  return { ...finding, ...judgement, confirmed: judgement.verdict === 'confirmed' };
}

const OPEN = { verdict: 'not_confirmed' as const, why: 'There is no repro.' };
