import { createProcesses } from '../../../src/lib/process/process.ts';
import { createLocks, type LockTimings } from '../../../src/state/files/lock.ts';

export const locks = (timings: Partial<LockTimings> = {}) => createLocks(createProcesses(), timings);
export const SHORT: Partial<LockTimings> = { timeoutMs: 150 };
