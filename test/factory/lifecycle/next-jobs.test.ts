import { describe, expect, it } from 'vitest';
import { nextJobs, type Snapshot } from '../../../src/factory/lifecycle/next-jobs.ts';
import { agentStatus } from '../../../src/factory/model/agent.ts';
import { projectStatus } from '../../../src/factory/model/project.ts';
import { NOW, PROJECT_ID, sampleAgent, samplePersona, sampleProject } from '../../support/samples.ts';

const HALF_AN_HOUR = 1_800_000;

function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return { project: sampleProject(), agents: [sampleAgent()], auditInterval: HALF_AN_HOUR, ...change };
}

const audit = (passed: boolean, kind: 'closing' | 'periodic' = 'closing') => ({
  kind,
  round: 1,
  at: NOW,
  commit: 'b'.repeat(40),
  passed,
  judge: 'other',
  findings: [],
});

describe('nextJobs', () => {
  it('asks for nothing before the project was started', () => {
    const project = sampleProject({ started: false, status: 'initializing', prepared: false });
    expect(nextJobs(snapshot({ project }), NOW)).toEqual([]);
  });

  it('prepares a started project first', () => {
    const project = sampleProject({ status: 'initializing', prepared: false });
    expect(nextJobs(snapshot({ project }), NOW)).toEqual([
      {
        queue: 'projects',
        payload: { action: 'start', projectId: PROJECT_ID },
        deduplicationId: `${PROJECT_ID}.start`,
      },
    ]);
  });

  it('runs the baseline gate before the first step', () => {
    const { baselineGate: _none, ...project } = sampleProject();
    const [job, ...others] = nextJobs(snapshot({ project }), NOW);
    expect(job).toMatchObject({ queue: 'quality-gates', payload: { kind: 'baseline', persona: 'engineer' } });
    expect(others).toEqual([]);
  });

  it('has sealed checks written before the baseline gate and before any agent works, and judges them when they are claimed', () => {
    const { baselineGate: _none, ...project } = sampleProject();
    const writer = sampleAgent({ personaName: 'factory-sealer', nextStep: 2, status: 'thinking' });
    expect(nextJobs(snapshot({ project, sealer: writer }), NOW)).toEqual([
      {
        queue: 'agent-steps',
        payload: { projectId: PROJECT_ID, persona: 'factory-sealer', step: 2 },
        deduplicationId: `${PROJECT_ID}.factory-sealer.2`,
      },
    ]);
    const sealer = { ...writer, status: 'waiting_for_quality' as const };
    const [judging, ...others] = nextJobs(snapshot({ project, sealer, abandonedEpoch: 3 }), NOW);
    expect(judging).toMatchObject({
      queue: 'quality-gates',
      payload: { kind: 'finish', persona: 'factory-sealer', step: 2 },
      deduplicationId: `${PROJECT_ID}.factory-sealer.2.after-3`,
    });
    expect(others).toEqual([]);
  });

  it('asks for the next step of the agent at work', () => {
    expect(nextJobs(snapshot(), NOW)).toEqual([
      {
        queue: 'agent-steps',
        payload: { projectId: PROJECT_ID, persona: 'engineer', step: 4 },
        deduplicationId: `${PROJECT_ID}.engineer.4`,
      },
    ]);
  });

  it('gives a step whose worker is dead an id that its lost job does not block', () => {
    const [job] = nextJobs(snapshot({ abandonedEpoch: 9 }), NOW);
    expect(job?.deduplicationId).toBe(`${PROJECT_ID}.engineer.4.after-9`);
  });

  it('runs the gate when an agent claims to be done', () => {
    const agents = [sampleAgent({ status: 'waiting_for_quality' })];
    expect(nextJobs(snapshot({ agents }), NOW)[0]).toMatchObject({
      queue: 'quality-gates',
      payload: { kind: 'finish', persona: 'engineer', step: 4 },
    });
  });

  it('takes the personas in order: the second begins when the first is completed', () => {
    const project = sampleProject({ personas: [samplePersona('engineer', 1), samplePersona('tester', 2)] });
    const agents = [
      sampleAgent({ status: 'completed' }),
      sampleAgent({ personaName: 'tester', status: 'idle', nextStep: 1 }),
    ];
    expect(nextJobs(snapshot({ project, agents }), NOW)[0]).toMatchObject({
      queue: 'agent-steps',
      payload: { persona: 'tester', step: 1 },
    });
  });

  it('audits after the last persona, round after round', () => {
    const agents = [sampleAgent({ status: 'completed' })];
    const project = sampleProject({ auditRounds: 2, lastAudit: audit(false) });
    expect(nextJobs(snapshot({ project, agents }), NOW)).toEqual([
      {
        queue: 'audits',
        payload: { projectId: PROJECT_ID, kind: 'closing', round: 3 },
        deduplicationId: `${PROJECT_ID}.audit.3`,
      },
    ]);
  });

  it('completes only after a closing audit that passed', () => {
    const agents = [sampleAgent({ status: 'completed' })];
    const passed = sampleProject({ lastAudit: audit(true) });
    expect(nextJobs(snapshot({ project: passed, agents }), NOW)[0]).toMatchObject({
      payload: { action: 'stop', outcome: 'completed' },
    });
    for (const lastAudit of [audit(false), audit(true, 'periodic'), undefined]) {
      const { lastAudit: _none, ...base } = sampleProject();
      const project = lastAudit === undefined ? base : { ...base, lastAudit };
      expect(nextJobs(snapshot({ project, agents }), NOW)[0]?.queue).toBe('audits');
    }
  });

  it('fails a project whose agent is blocked, with the reason', () => {
    const agents = [sampleAgent({ status: 'blocked', blockedReason: 'It went in circles.' })];
    expect(nextJobs(snapshot({ agents }), NOW)).toEqual([
      {
        queue: 'projects',
        payload: {
          action: 'stop',
          attempt: 1,
          projectId: PROJECT_ID,
          outcome: 'failed',
          reason: 'It went in circles. The agent engineer was given up.',
        },
        deduplicationId: `${PROJECT_ID}.stop.1`,
      },
    ]);
  });

  it('ends at the maximum runtime, counted over agents and gates together', () => {
    const project = sampleProject({ maxRuntime: 1_000, activeMs: 600 });
    const outcome = (runtimeMs: number) =>
      nextJobs(snapshot({ project, agents: [sampleAgent({ runtimeMs })] }), NOW)[0]?.queue;
    expect(outcome(399)).toBe('agent-steps');
    expect(outcome(400)).toBe('projects');
  });

  it('adds a periodic audit when one is due', () => {
    const queues = (ms: number) =>
      nextJobs(snapshot(), new Date(NOW.getTime() + ms)).map((job) => `${job.queue}`);
    expect(queues(HALF_AN_HOUR - 1)).toEqual(['agent-steps']);
    expect(queues(HALF_AN_HOUR)).toEqual(['agent-steps', 'audits']);
  });

  it('A140 adds a periodic audit also when the last one was while the clock was ahead', () => {
    const now = new Date(NOW.getTime() - 3_600_000);
    const project = sampleProject({ lastAudit: audit(true, 'periodic') });
    expect(nextJobs(snapshot({ project }), now).map(({ queue }) => queue)).toContain('audits');
  });

  it('lets a stopped project tidy up once', () => {
    const stopped = sampleProject({ status: 'failed', statusReason: 'Stopped by its owner.' });
    expect(nextJobs(snapshot({ project: stopped }), NOW)[0]).toMatchObject({
      payload: { action: 'stop', outcome: 'failed', reason: 'Stopped by its owner.' },
    });
    expect(nextJobs(snapshot({ project: { ...stopped, settled: true } }), NOW)).toEqual([]);
  });

  it('answers every combination of statuses, and the same one twice the same', () => {
    for (const status of projectStatus.options) {
      for (const agent of agentStatus.options) {
        for (const prepared of [true, false]) {
          const at = snapshot({
            project: sampleProject({ status, prepared, settled: status === 'completed' }),
            agents: [sampleAgent({ status: agent })],
          });
          const jobs = nextJobs(at, NOW);
          expect(nextJobs(at, NOW)).toEqual(jobs);
          const idle = status === 'paused' || status === 'waiting_for_credits' || status === 'completed';
          expect(jobs.length, `${status} ${agent}`).toBe(idle ? 0 : 1);
        }
      }
    }
  });
});
