import { describe, expect, it } from 'vitest';
import { nextJobs, type Snapshot } from '../../../src/factory/lifecycle/next-jobs.ts';
import { type Fork, forkPhase } from '../../../src/factory/model/fork.ts';
import { pause, resume } from '../../../src/factory/model/lifecycle.ts';
import { exploresDecision, type Project } from '../../../src/factory/model/project.ts';
import { NOW, PROJECT_ID, sampleAgent, sampleProject } from '../../support/samples.ts';
import { makeFork } from '../decisions/fork-fixture.ts';

const DECISION = {
  for: 'project' as const,
  detail: 'Explores "Where do carts live?" in 2 branches.',
  since: NOW,
};
const OWNER = { for: 'owner' as const, detail: 'Paused by its owner.', since: NOW };

function withFork(fork: Partial<Fork>, change: Partial<Project> = {}): Project {
  const { endedAt: _endedAt, choice: _choice, ...open } = makeFork();
  const forks = [{ ...open, ...fork }];
  return sampleProject({
    status: 'paused',
    waiting: DECISION,
    statusReason: DECISION.detail,
    forks,
    ...change,
  });
}

const working = { status: 'active' as const, settled: false };
const ended = { status: 'failed' as const, settled: true };
const outOfMoney = {
  status: 'paused' as const,
  settled: false,
  waiting: { ...OWNER, for: 'budget' as const },
};

const jobs = (project: Project, more: Partial<Snapshot> = {}) =>
  nextJobs({ project, agents: [sampleAgent({ status: 'blocked' })], auditInterval: 1e9, ...more }, NOW);

describe('what a project with a fork needs next', () => {
  it('is the fork itself while a decision of its agent is pending, also when it is planned already', () => {
    const { forks } = withFork({ phase: 'planned' });
    const pending = { id: 'engineer-4-0', question: 'q', options: [], confidence: 0.5 };
    const agents = [sampleAgent({ status: 'blocked', pendingDecisions: [pending] })];
    for (const project of [sampleProject(), sampleProject({ forks })])
      expect(jobs(project, { agents })).toEqual([
        {
          queue: 'projects',
          payload: { action: 'fork', projectId: PROJECT_ID },
          deduplicationId: `${PROJECT_ID}.fork.4`,
        },
      ]);
  });

  it.each([
    ['nothing while all branches are at work', [working, working], []],
    ['a look when one has ended', [ended, working], ['weigh.1']],
    ['a look when one has used up its share', [outOfMoney, working], ['weigh.1']],
    ['another look when both have ended', [ended, ended], ['weigh.0']],
    ['a look when the folder of one is gone', [working], ['weigh.1']],
  ])('is %s', (_name, branches, wanted) => {
    const found = jobs(withFork({ phase: 'open' }), { branches });
    expect(found.map(({ deduplicationId }) => deduplicationId)).toEqual(
      wanted.map((each) => `${PROJECT_ID}.${each}`),
    );
  });

  it("is a look of its own for the owner's word, whatever the branches do", () => {
    const [job] = jobs(withFork({ phase: 'open', order: 'none' }), { branches: [working, working] });
    expect(job?.deduplicationId).toBe(`${PROJECT_ID}.weigh.2.order`);
  });

  it('is the judge of a tie, who gets a new name after a dead one', () => {
    const project = withFork({ phase: 'judging' }, { auditRounds: 2 });
    const payload = { projectId: PROJECT_ID, kind: 'tie', round: 3 };
    expect(jobs(project)).toMatchObject([
      { queue: 'audits', payload, deduplicationId: `${PROJECT_ID}.audit.3` },
    ]);
    expect(jobs(project, { abandonedEpoch: 7 })[0]?.deduplicationId).toBe(`${PROJECT_ID}.audit.3.after-7`);
  });

  it('is the merge of the chosen one', () => {
    const payload = { kind: 'merge', projectId: PROJECT_ID, persona: 'engineer' };
    expect(jobs(withFork({ phase: 'merging' }))).toMatchObject([{ queue: 'quality-gates', payload }]);
  });

  it('is the end when its time is up, but not while its branches use theirs', () => {
    const change = { maxRuntime: 1_000, activeMs: 1_000 };
    for (const phase of ['judging', 'merging'] as const)
      expect(jobs(withFork({ phase }, change))).toMatchObject([
        { payload: { action: 'stop', outcome: 'timeout' } },
      ]);
    expect(jobs(withFork({ phase: 'open' }, change), { branches: [working, working] })).toEqual([]);
  });

  it('is nothing while its owner has paused it, or is to choose', () => {
    for (const phase of forkPhase.options)
      expect(jobs(withFork({ phase }, { waiting: OWNER }), { branches: [ended, ended] }), phase).toEqual([]);
    expect(jobs(withFork({ phase: 'ready' }))).toEqual([]);
  });

  it('is a turn again once the fork is over', () => {
    for (const phase of ['merged', 'handed_over', 'dropped'] as const) {
      const { waiting: _waiting, ...project } = withFork({ phase, endedAt: NOW }, { status: 'active' });
      expect(jobs(project, { agents: [sampleAgent()] })[0]?.queue, phase).toBe('agent-steps');
    }
  });

  it('is to tidy up when it was stopped, whatever became of the fork', () => {
    for (const phase of forkPhase.options)
      expect(jobs(withFork({ phase }, { status: 'failed' }))).toMatchObject([
        { payload: { action: 'stop' } },
      ]);
  });
});

describe('pausing and resuming a project with a fork', () => {
  it("a pause takes the decision's place, and going on gives it back", () => {
    for (const phase of ['open', 'judging', 'merging'] as const) {
      const exploring = withFork({ phase });
      const paused = pause(exploring, NOW, OWNER);
      expect([paused.waiting?.for, exploresDecision(paused)]).toEqual(['owner', false]);
      const resumed = resume(paused, NOW);
      expect([resumed.status, exploresDecision(resumed)], phase).toEqual(['paused', true]);
      expect(resumed.statusReason).toBe(DECISION.detail);
    }
  });

  it('only its owner pauses what explores a decision; money and disks do not', () => {
    const exploring = withFork({ phase: 'judging' });
    expect(pause(exploring, NOW, { ...OWNER, for: 'budget' })).toBe(exploring);
  });

  it('going on changes nothing where the owner is to choose, nor where branches are at work', () => {
    const ready = withFork({ phase: 'ready' }, { waiting: OWNER });
    expect(resume(ready, NOW)).toBe(ready);
    const open = withFork({ phase: 'open' });
    expect(resume(open, NOW)).toBe(open);
  });

  it('with a fork that is only planned it works on, and asks for the fork again', () => {
    const planned = withFork({ phase: 'planned' }, { waiting: OWNER });
    expect(resume(planned, NOW)).toMatchObject({ status: 'active' });
  });
});
