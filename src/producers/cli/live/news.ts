import type { FactoryEvent } from '../../../factory/model/event.ts';
import type { StateStore } from '../../../factory/ports.ts';

/** Everything that was logged after byte `offset`, and where to go on. A long log is read piece by piece. */
export async function readNews(
  log: Pick<ReturnType<StateStore['events']>, 'readFrom'>,
  offset: number,
): Promise<{ entries: FactoryEvent[]; offset: number }> {
  const entries: FactoryEvent[] = [];
  let from = offset;
  for (;;) {
    const piece = await log.readFrom(from);
    for (const entry of piece.entries) entries.push(entry);
    if (piece.offset === from) return { entries, offset: from };
    from = piece.offset;
  }
}
