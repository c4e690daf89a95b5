import * as z from 'zod';
import { type Holder, leaseEntry } from '../../factory/model/journal.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { parseJson } from '../../lib/record.ts';
import { openToRead } from '../files/files.ts';
import { decryptLine, isEncrypted, type Privacy } from '../secrets/privacy.ts';

const CHUNK_BYTES = 64 * 1024;
/** A step's entries rarely take more; beyond it the answer is "unknown", and the slower way of finding out remains. */
const MOST_BYTES = 4 * 1024 * 1024;
const kind = z.object({ type: z.string(), epoch: z.number() });

/**
 * The lease at the end of a journal that no `step_done` and no `released` closed, read backwards from the end of the file: cheap however
 * long the journal is, and without keeping anything of it.
 *
 * @returns `null` when the last step is closed or put down, when there is no journal, or when it cannot be told
 */
export async function openLease(
  file: string,
  privacy: Privacy,
): Promise<{ epoch: number; holder: Holder } | null> {
  const open = openToRead(file);
  if (open === null) return null;
  try {
    const { size } = open.key();
    for (let bytes = CHUNK_BYTES; ; bytes *= 4) {
      const from = Math.max(0, size - bytes);
      const lines = (await open.read(from, size - from)).toString('utf8').split('\n');
      // The first piece may be the end of a longer line, and the last one is empty or torn.
      const whole = lines.slice(from === 0 ? 0 : 1, -1);
      const answer = newestLease(await Promise.all(whole.map((line) => inClear(privacy, file, line))));
      if (answer !== undefined) return answer;
      if (from === 0 || bytes >= MOST_BYTES) return null;
    }
  } finally {
    open.close();
  }
}

/** @returns `undefined` when these lines do not tell */
function newestLease(lines: readonly string[]): { epoch: number; holder: Holder } | null | undefined {
  const closed = new Set<number>();
  for (const line of [...lines].reverse()) {
    // Damage is reported by whoever reads the journal itself.
    const entry = kind.safeParse(parseJson(line));
    if (!entry.success) continue;
    if (entry.data.type === 'step_done' || entry.data.type === 'released') closed.add(entry.data.epoch);
    if (entry.data.type !== 'lease') continue;
    const lease = leaseEntry.safeParse(parseJson(line));
    if (!lease.success) return null;
    const { epoch, holder } = lease.data;
    return closed.has(epoch) ? null : { epoch, holder };
  }
  return undefined;
}

/** What cannot be decrypted tells nothing here. */
async function inClear(privacy: Privacy, file: string, text: string): Promise<string> {
  if (!isEncrypted(text)) return text;
  const clear = await decryptLine(privacy, file, { text, number: 0 }, null).catch(expecting(isFailure, null));
  return clear?.text ?? '';
}
