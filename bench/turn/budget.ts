import { openFactory } from '../factory.ts';
import { countTurns } from './counts.ts';
import { tell } from './turn.ts';
import { SETTLED, withWarmUp } from './turns.ts';

/** What a turn with one command may do at the most, on average. Lower them when it does less; there is no other place. */
const MOST = { syncs: 4.5, programs: 0.6, opens: 38, looks: 10 };
/** What comes round by the clock, however many turns there are: documents are written once a second, processes looked at. */
const MOST_A_SECOND = { syncs: 8, programs: 1, opens: 30, looks: 150 };
const TURNS = 20;

/** Counts alone, no times: as good on a busy machine. The process ends with 1 when a turn does more than it may. */
export async function budget(): Promise<void> {
  const factory = await openFactory(withWarmUp(TURNS, SETTLED));
  const { seconds, ...counts } = await countTurns(factory, TURNS);
  await factory.close();
  tell(counts);
  for (const what of ['syncs', 'programs', 'opens', 'looks'] as const) {
    const { usual } = counts[what];
    const most = MOST[what] + MOST_A_SECOND[what] * seconds;
    if (usual <= most) continue;
    console.error(
      `  A turn of ${seconds.toFixed(2)} s has ${usual.toFixed(1)} ${what}; ${most.toFixed(1)} are allowed.`,
    );
    process.exitCode = 1;
  }
}
