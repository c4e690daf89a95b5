import { lutimes, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeLock } from '../../../src/lib/locks/lock.ts';
import { holderText } from '../../../src/lib/locks/lock-links.ts';
import { createSlots } from '../../../src/lib/locks/slots.ts';
import { createProcesses } from '../../../src/lib/process/process.ts';
import { withFolder } from '../../state/support.ts';
import { until } from '../../support/until.ts';

const LONG_AGO = new Date(1_000_000);

describe.concurrent('a slot', () => {
  it('A182 woken-machine: whose holder gave no sign while the machine slept is not given up before it could give one', () =>
    withFolder(async (folder) => {
      const processes = createProcesses();
      const path = join(folder, 'slot1.lock');
      const { release, assertHeld } = await takeLock(path, { processes, patienceMs: 0 });
      await lutimes(path, LONG_AGO, LONG_AGO);
      const inFreeSlot = createSlots(processes);
      const enter = () => inFreeSlot(folder, ['slot1'], async () => 'beside it');
      expect([await enter(), await enter()]).toEqual([null, null]);
      assertHeld();
      release();
      expect(await enter()).toEqual({ value: 'beside it' });
    }));

  it('A182 woken-machine: whose holder gives no sign goes to somebody else, after looks that are each too short to see it', () =>
    withFolder(async (folder) => {
      const processes = createProcesses();
      const path = join(folder, 'slot1.lock');
      const silent = await takeLock(path, { processes, patienceMs: 0, timings: { refreshMs: 60_000 } });
      await lutimes(path, LONG_AGO, LONG_AGO);
      const inFreeSlot = createSlots(processes, { observeMs: 100 });
      const enter = () => inFreeSlot(folder, ['slot1'], async () => 'after it');
      expect(await enter()).toBeNull();
      expect(await until(enter)).toEqual({ value: 'after it' });
      silent.release();
    }));

  it('whose holder is gone is free at once', () =>
    withFolder(async (folder) => {
      const processes = createProcesses();
      const dead = { ...(await processes.self()), nonce: '0'.repeat(16), pid: 2 ** 22 + 1 };
      await symlink(holderText(dead), join(folder, 'slot1.lock'));
      expect(await createSlots(processes)(folder, ['slot1'], async () => 'in')).toEqual({ value: 'in' });
    }));
});
