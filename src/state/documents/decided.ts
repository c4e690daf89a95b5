import { join } from 'node:path';
import { readWhole } from '../files/files.ts';

const NONE = /^pendingDecisions: \[\]\nmadeDecisions: \[\]$/m;
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Which of these agents may have proposed a decision, by a look at the text of their states: a hundred times as fast as parsing
 * them, and most have none. Whoever cannot be looked at may.
 *
 * @param folder of the project
 */
export async function mayHaveDecided(folder: string, personas: readonly string[]): Promise<string[]> {
  const looked = await Promise.all(
    personas.map(async (persona) => {
      const found = await readWhole(join(folder, 'agents', `${persona}.yaml`), MOST_BYTES);
      return found === null || !NONE.test(found.data.toString('utf8')) ? [persona] : [];
    }),
  );
  return looked.flat();
}
