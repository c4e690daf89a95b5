import { expect, it, onTestFinished } from 'vitest';
import type { Halt } from '../../src/factory/ports.ts';
import { obeyStop } from '../../src/workers/obey-stop.ts';

const halt: Halt = { file: '/STOP', since: null, reason: 'r' };

it('halts once, cuts what runs, and resumes after the pause is through, with a new signal', async () => {
  let now: Halt | null = null;
  const acts: string[] = [];
  let paused = () => {};
  const stop = obeyStop({
    look: () => now,
    pause: () =>
      new Promise((resolve) => {
        acts.push('pausing');
        paused = () => {
          acts.push('paused');
          resolve();
        };
      }),
    resume: async () => void acts.push('resumed'),
    tell: () => {},
  });
  onTestFinished(() => stop.close());
  const before = stop.signal();
  expect([stop.halted(), before.aborted]).toEqual([false, false]);
  now = halt;
  expect([stop.halted(), stop.halted(), before.aborted, stop.signal().aborted]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  await Promise.resolve();
  now = null;
  expect([stop.halted(), stop.signal().aborted]).toEqual([false, false]);
  await Promise.resolve();
  expect(acts).toEqual(['pausing']);
  paused();
  await new Promise((resolve) => setImmediate(resolve));
  expect(acts).toEqual(['pausing', 'paused', 'resumed']);
});

it('does not resume what is being closed', async () => {
  let now: Halt | null = halt;
  const acts: string[] = [];
  const stop = obeyStop({
    look: () => now,
    pause: async () => void acts.push('pause'),
    resume: async () => void acts.push('resume'),
    tell: () => {},
  });
  stop.halted();
  stop.close();
  now = null;
  expect(stop.halted()).toBe(false);
  await new Promise((resolve) => setImmediate(resolve));
  expect(acts).toEqual(['pause']);
});
