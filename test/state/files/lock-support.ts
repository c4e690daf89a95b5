import { createProcesses } from '../../../src/lib/process/process.ts';
import { createLocks, type LockTimings } from '../../../src/state/files/lock.ts';

export const locks = (timings: Partial<LockTimings> = {}) => createLocks(createProcesses(), timings);
export const SHORT: Partial<LockTimings> = { timeoutMs: 150 };
/** A holder on another machine. */
export const elsewhere = JSON.stringify({
  nonce: 'abc',
  host: 'other-machine/boot/1',
  pid: 7,
  startedAt: '9',
});
