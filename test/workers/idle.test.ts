import { describe, expect, it } from 'vitest';
import { type Idle, judgeIdle, type QueueLook } from '../../src/workers/idle.ts';

const IDLE: QueueLook = { waiting: 3, begun: 7, running: 0, held: false };

/** Looks every ten seconds with a patience of thirty. @returns the numbers of the looks at which the worker counts as stuck */
function stuckAt(looks: readonly Partial<QueueLook>[]): number[] {
  let idle: Idle | null = null;
  return looks.flatMap((look, index) => {
    const judged = judgeIdle(idle, { ...IDLE, ...look }, index * 10_000, 30_000);
    idle = judged.idle;
    return judged.stuck ? [index] : [];
  });
}

describe('a worker that takes no jobs', () => {
  it('is found once jobs have waited beside it for longer than its patience', () => {
    expect(stuckAt([{}, {}, {}, {}, {}])).toEqual([3]);
  });

  it('is given the whole time again after it was replaced', () => {
    expect(stuckAt(Array.from({ length: 8 }, () => ({})))).toEqual([3, 7]);
  });

  it.each([
    ['nothing waits', { waiting: 0 }],
    ['it is at work', { running: 1 }],
    ['the queue is paused or at its limit', { held: true }],
    ['it took a job since', { begun: 8 }],
  ])('is not one where %s', (_why, look) => {
    expect(stuckAt([{}, {}, look, look, look, look])).toEqual('begun' in look ? [5] : []);
  });
});
