import { join } from 'node:path';
import type { CostEntry } from '../../src/factory/model/money/finance.ts';
import { jsonLines } from './looks.ts';
import { isProbe, type Script, type Step, sequence } from './model.ts';
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
  const rows = await jsonLines<CostEntry>(join(s.home, 'data/costs.jsonl'));
  return rows.reduce((sum, { cost }) => sum + cost, 0);
}
