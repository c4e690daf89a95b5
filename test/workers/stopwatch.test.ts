import { expect, it, onTestFinished } from 'vitest';
import { startStopwatch } from '../../src/factory/lifecycle/steps/active-while.ts';

it('what a worker sleeps through, stopped for hours or with its machine, is not time at work', () => {
  let now = 0;
  const watch = startStopwatch(() => now);
  onTestFinished(watch.stop);
  for (let look = 0; look < 10; look += 1) {
    now += 500;
    watch.ms();
  }
  expect(watch.ms()).toBe(5_000);
  now += 8 * 3_600_000;
  expect(watch.ms()).toBeLessThan(6_000);
  const before = watch.ms();
  now += 700;
  expect(watch.ms()).toBe(before + 700);
});
