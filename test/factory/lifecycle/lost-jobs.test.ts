import { describe, expect, it } from 'vitest';
import { lostJobEvent, lostJobs } from '../../../src/factory/lifecycle/lost-jobs.ts';
import { nextJobs, type Snapshot } from '../../../src/factory/lifecycle/next-jobs.ts';
import { sampleAgent, sampleProject } from '../../support/samples.ts';

const SINCE = new Date('2026-01-01T00:00:00Z');
const later = (ms: number) => new Date(SINCE.getTime() + ms);
const HALF_AN_HOUR = 1_800_000;

function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  const project = sampleProject({ updatedAt: SINCE, startTime: SINCE });
  const agents = [sampleAgent({ lastActivityAt: SINCE })];
  return { project, agents, auditInterval: HALF_AN_HOUR, ...change };
}

/** Ids of the jobs that count as lost at a moment, in an empty queue unless some are there. */
async function lostAt(now: Date, world: Snapshot, queued: readonly string[] = []): Promise<string[]> {
  const queue = {
    missing: async (...jobs: ReturnType<typeof nextJobs>) =>
      jobs.filter(({ deduplicationId }) => !queued.includes(deduplicationId)),
  };
  const lost = await lostJobs(queue, nextJobs(world, now), world, { now, patience: 20_000 });
  return lost.map(({ deduplicationId }) => deduplicationId);
}

describe('a job that is in no queue', () => {
  const step = `${snapshot().project.id}.engineer.4`;

  it('is lost once nothing has happened in its project for longer than it takes to ask for it', async () => {
    expect(await lostAt(later(20_000), snapshot())).toEqual([]);
    expect(await lostAt(later(20_001), snapshot())).toEqual([step]);
    const busy = snapshot({ agents: [sampleAgent({ lastActivityAt: later(10_000) })] });
    expect(await lostAt(later(20_001), busy)).toEqual([]);
  });

  it('is not lost while it is there', async () => {
    expect(await lostAt(later(60_000), snapshot(), [step])).toEqual([]);
  });

  it('is not lost when a dead worker had it: its step gets a job of a new name', async () => {
    expect(await lostAt(later(60_000), snapshot({ abandonedEpoch: 3 }))).toEqual([]);
  });

  it('is a lost periodic audit only when a look for lost work must have asked for it before', async () => {
    const audit = `${snapshot().project.id}.audit.${snapshot().project.auditRounds + 1}`;
    expect(await lostAt(later(HALF_AN_HOUR), snapshot(), [step])).toEqual([]);
    expect(await lostAt(later(HALF_AN_HOUR + 20_000), snapshot(), [step])).toEqual([]);
    expect(await lostAt(later(HALF_AN_HOUR + 20_001), snapshot(), [step])).toEqual([audit]);
  });

  it('is told of in words', () => {
    const [job] = nextJobs(snapshot(), later(0));
    expect(job && lostJobEvent(job, 'p')).toMatchObject({
      type: 'job.requeued',
      level: 'warn',
      message:
        'The job “0b8f1c1e engineer step 4” (agent-steps) was in no queue though it was due; it is queued again.',
    });
  });
});
