import type { Clock } from '../../../lib/clock.ts';
import type { JournalEntry, JournalRecord } from '../../model/journal.ts';
import { type JournalWriter, LeaseLost } from '../../ports.ts';
import { extend } from './memory.ts';
import type { AgentMemory, JournalSession } from './memory-types.ts';

/**
 * @param memory read after the lease was taken; an older one could repeat what another worker did
 * @throws LeaseLost when the memory tells of a later lease: the worker was stopped, or slow, between lease and reading
 */
export function openSession(memory: AgentMemory, writer: JournalWriter, clock: Clock): JournalSession {
  if (memory.epoch > writer.epoch)
    throw new LeaseLost(
      `lease ${writer.epoch} of step ${writer.step} was overtaken by lease ${memory.epoch} before its first look`,
    );
  if (memory.epoch !== writer.epoch || memory.nextStep !== writer.step) {
    throw new Error(
      `memory (epoch ${memory.epoch}, step ${memory.nextStep}) is not of the lease ` +
        `(epoch ${writer.epoch}, step ${writer.step}): read it after the lease was taken`,
    );
  }
  let current = memory;
  let held: JournalRecord[] = [];
  let unforced = false;

  const stamp = (record: JournalRecord): JournalEntry => ({
    at: clock.now().toISOString(),
    epoch: writer.epoch,
    step: writer.step,
    ...record,
  });
  const preview = (...records: JournalRecord[]) => extend(current, records.map(stamp));

  return {
    get memory() {
      return current;
    },
    step: writer.step,
    hold(...records) {
      held.push(...records);
      current = preview(...records);
    },
    async append(...records) {
      const all = [...held, ...records];
      if (all.length === 0 && !unforced) return;
      held = [];
      await writer.append(...all);
      unforced = false;
      current = preview(...records);
    },
    async write(...records) {
      const all = [...held, ...records];
      held = [];
      await writer.write(...all);
      unforced = true;
      current = preview(...records);
    },
    async force() {
      if (unforced) await writer.append();
      unforced = false;
    },
    check: () => writer.check(),
    preview,
  };
}
