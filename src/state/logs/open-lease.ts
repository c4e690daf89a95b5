import * as z from 'zod';
import { type Holder, type JournalEntry, leaseEntry } from '../../factory/model/journal.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { parseJson } from '../../lib/record.ts';
import { openToRead } from '../files/files.ts';
import { decryptLine, isEncrypted, type Privacy } from '../secrets/privacy.ts';

/** Most steps take less. */
const CHUNK_BYTES = 8 * 1024;
/** A step's entries rarely take more; beyond it the answer is "unknown", and the slower way of finding out remains. */
const MOST_BYTES = 4 * 1024 * 1024;
const kind = z.object({ type: z.string(), epoch: z.number(), outcome: z.string().optional() });

type Lease = z.infer<typeof leaseEntry>;

/** Where a journal ends. */
export interface JournalEnd {
  /** The newest lease, unless a `step_done` or `released` closed it. */
  lease: { epoch: number; holder: Holder } | null;
  /** The step to go on with. Missing: that depends on more than the journal, or it cannot be told. */
  nextStep?: number;
}

/** Read backwards from the end of the file: cheap however long the journal is, and without keeping anything of it. */
export async function journalEnd(file: string, privacy: Privacy): Promise<JournalEnd> {
  const open = openToRead(file);
  if (open === null) return { lease: null };
  try {
    const { size } = open.key();
    for (let bytes = CHUNK_BYTES; ; bytes *= 4) {
      const from = Math.max(0, size - bytes);
      const lines = (await open.read(from, size - from)).toString('utf8').split('\n');
      // The first piece may be the end of a longer line, and the last one is empty or torn.
      const whole = lines.slice(from === 0 ? 0 : 1, -1);
      const answer = endOf(await Promise.all(whole.map((line) => inClear(privacy, file, line))));
      if (answer !== undefined) return answer;
      if (from === 0 || bytes >= MOST_BYTES) return { lease: null };
    }
  } finally {
    open.close();
  }
}

/** @returns `undefined` when these lines do not tell */
function endOf(lines: readonly string[]): JournalEnd | undefined {
  /** By epoch: the outcome of its step; of one that was put down, none. */
  const closed = new Map<number, string | undefined>();
  for (const line of [...lines].reverse()) {
    // Damage is reported by whoever reads the journal itself.
    const entry = kind.safeParse(parseJson(line));
    if (!entry.success) continue;
    const { type, epoch, outcome } = entry.data;
    if (type === 'step_done' || type === 'released') closed.set(epoch, outcome);
    if (type !== 'lease') continue;
    const lease = leaseEntry.safeParse(parseJson(line));
    return lease.success ? endAt(lease.data, closed) : { lease: null };
  }
  return undefined;
}

/** The same of entries that are known. */
export function endOfEntries(entries: readonly JournalEntry[]): JournalEnd {
  const at = entries.findLastIndex(({ type }) => type === 'lease');
  const lease = entries[at];
  if (lease?.type !== 'lease') return { lease: null };
  const closed = new Map<number, string | undefined>();
  for (const entry of entries.slice(at + 1))
    if (entry.type === 'step_done') closed.set(entry.epoch, entry.outcome);
    else if (entry.type === 'released') closed.set(entry.epoch, undefined);
  return endAt(lease, closed);
}

function endAt({ epoch, holder, step }: Lease, closed: ReadonlyMap<number, string | undefined>): JournalEnd {
  if (!closed.has(epoch)) return { lease: { epoch, holder }, nextStep: step };
  const ended = closed.get(epoch);
  if (ended === undefined) return { lease: null, nextStep: step };
  return { lease: null, ...(ended === 'continue' ? { nextStep: step + 1 } : {}) };
}

/** What cannot be decrypted tells nothing here. */
async function inClear(privacy: Privacy, file: string, text: string): Promise<string> {
  if (!isEncrypted(text)) return text;
  const clear = await decryptLine(privacy, file, { text, number: 0 }, null).catch(expecting(isFailure, null));
  return clear?.text ?? '';
}
