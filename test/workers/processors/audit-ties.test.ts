import { describe, expect, it } from 'vitest';
import type { Fork } from '../../../src/factory/model/fork.ts';
import { processor } from '../../../src/workers/processors/audits.ts';
import { NOW } from '../../support/samples.ts';
import { CUT, closing } from './audited.ts';
import { createWorld, HEAD } from './world.ts';

const branch = (id: string, option: string) => ({
  ...{ projectId: id, option, description: option, confidence: 0.5, workBranch: option, maxRuntime: 1_000 },
});
const [ONE, OTHER] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
const FORK: Fork = {
  ...{ decisionId: 'd1', persona: 'engineer', question: 'Which?', confidence: 0.5, commit: HEAD, at: NOW },
  phase: 'judging',
  branches: [branch(ONE ?? '', 'first'), branch(OTHER ?? '', 'second')],
  tied: [ONE ?? '', OTHER ?? ''],
};
const EXPLORES = {
  status: 'paused',
  waiting: { for: 'project', detail: 'a decision', since: NOW },
} as const;
const tie = { ...closing, kind: 'tie' } as const;

describe('a tie of two branches', () => {
  it('is decided by a judge that says the same of both orders', async () => {
    const answers = [1, 2].map((winner) => JSON.stringify({ winner, why: 'simpler' }));
    const world = createWorld({
      project: { ...EXPLORES, forks: [FORK] },
      answer: () => answers.shift() ?? '',
    });
    expect(await processor(tie, world.context)).toMatchObject({ outcome: 'done' });
    expect(await world.project()).toMatchObject({
      auditRounds: 1,
      forks: [{ phase: 'merging', choice: { by: 'judge', projectId: ONE } }],
    });
    expect(world.jobs).toMatchObject([{ queue: 'quality-gates', payload: { kind: 'merge' } }]);
  });

  it('waits for money by itself, and asks only for what was not answered yet', async () => {
    const until = new Date(NOW.getTime() + 60_000);
    let asked = 0;
    const world = createWorld({
      project: { ...EXPLORES, forks: [FORK] },
      answer() {
        asked += 1;
        if (asked === 2) return { kind: 'wait', for: 'rate', until, detail: 'slow' };
        return JSON.stringify({ winner: asked === 1 ? 1 : 2, why: 'simpler' });
      },
    });
    expect(await processor(tie, world.context)).toEqual({ outcome: 'parked', until, detail: 'slow' });
    expect(await processor(tie, world.context)).toMatchObject({ outcome: 'done' });
    expect(asked).toBe(3);
  });

  it('whose judge was cut off stays open: that is no opinion, and no branch is chosen without one', async () => {
    const first = JSON.stringify({ winner: 1, why: 'simpler' });
    const answers = [first, CUT, JSON.stringify({ winner: 2, why: 'simpler' })];
    const world = createWorld({
      project: { ...EXPLORES, forks: [FORK] },
      answer: () => answers.shift() ?? '',
    });
    expect(await processor(tie, world.context)).toEqual({
      outcome: 'interrupted',
      detail: 'the judge of the tie was cut',
    });
    expect((await world.project()).forks).toMatchObject([{ phase: 'judging' }]);
    expect(await processor(tie, world.context)).toMatchObject({ outcome: 'done' });
    expect((await world.project()).forks).toMatchObject([{ choice: { by: 'judge', projectId: ONE } }]);
  });

  it('that is decided already is skipped', async () => {
    const world = createWorld({
      project: { ...EXPLORES, forks: [{ ...FORK, phase: 'merging' }] },
    });
    expect(await processor(tie, world.context)).toMatchObject({ detail: 'no tie is to be broken' });
  });
});
