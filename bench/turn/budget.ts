import { openFactory } from '../factory.ts';
import { countTurns } from './counts.ts';
import { tell } from './turn.ts';
import { withWarmUp } from './turns.ts';

/** What a turn with one command may do at the most, on average. Lower them when it does less; there is no other place. */
const MOST = { syncs: 5, programs: 0.6, opens: 42 };
const TURNS = 20;

/** Counts alone, no times: as good on a busy machine. The process ends with 1 when a turn does more than it may. */
export async function budget(): Promise<void> {
  const factory = await openFactory(withWarmUp(TURNS));
  const counts = await countTurns(factory, TURNS);
  await factory.close();
  tell(counts);
  for (const what of ['syncs', 'programs', 'opens'] as const) {
    const { usual } = counts[what];
    if (usual <= MOST[what]) continue;
    console.error(`  A turn has ${usual.toFixed(1)} ${what}; ${MOST[what]} are allowed.`);
    process.exitCode = 1;
  }
}
