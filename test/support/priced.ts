import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CostEntry } from '../../src/factory/finance/finance.ts';
import { isProbe, type Script, sequence, type Step } from './model.ts';
import type { Scenario } from './scenario.ts';

/** At $1 and $2 a million tokens: five cents. */
export const FIVE_CENTS = { input: 20_000, output: 15_000, cacheRead: 0, cacheWrite: 0 };

/** The same steps at five cents each; probes are nearly free. */
export function priced(steps: readonly Step[]): Script {
  const script = sequence(steps);
  return async (turn) => (isProbe(turn) ? { text: 'ok' } : { ...(await script(turn)), usage: FIVE_CENTS });
}

/** What probes cost: they are booked on no project. USD. */
export async function probed(s: Scenario): Promise<number> {
  const text = await readFile(join(s.home, 'data/costs.jsonl'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .reduce((sum, line) => sum + (JSON.parse(line) as CostEntry).cost, 0);
}
