import { describe, expect, it } from 'vitest';
import { end, pause, resume, start } from '../../../src/factory/model/lifecycle.ts';
import { waiting as waitingSchema } from '../../../src/factory/model/waiting.ts';
import { NOW, sampleProject } from '../../support/samples.ts';

const waiting = { for: 'owner' as const, detail: 'Paused by its owner.', since: NOW };

describe('project lifecycle', () => {
  it('starting what runs changes nothing', () => {
    const project = sampleProject();
    expect(start(project, NOW)).toBe(project);
  });

  it('starting a paused project resumes it', () => {
    const paused = pause(sampleProject(), NOW, waiting);
    expect(start(paused, NOW)).toMatchObject({ status: 'active' });
  });

  it('a pause before the worktree is made goes back to preparing', () => {
    const paused = pause(sampleProject({ status: 'initializing', prepared: false }), NOW, waiting);
    expect(resume(paused, NOW).status).toBe('initializing');
  });

  it('starting puts a project into the queue, and resuming a branch of a decision that is not ready does not', () => {
    const fresh = { status: 'initializing', started: false, prepared: false } as const;
    expect(start(sampleProject(fresh), NOW).queuedAt).toEqual(NOW);
    const branch = sampleProject({ ...fresh, started: true });
    expect(resume(pause(branch, NOW, waiting), NOW)).not.toHaveProperty('queuedAt');
  });

  it('resuming takes the reason and the waiting away', () => {
    const resumed = resume(pause(sampleProject(), NOW, waiting), NOW);
    expect(resumed).not.toHaveProperty('waiting');
    expect(resumed).not.toHaveProperty('statusReason');
  });

  it("its owner's pause takes the place of one that ends by itself when a cap over all projects has room, not of one for a cap of its own", () => {
    const spent = { for: 'budget' as const, detail: 'It is spent.', since: NOW };
    const causeOf = (until?: Date) => {
      const refused = pause(sampleProject(), NOW, { ...spent, ...(until === undefined ? {} : { until }) });
      return pause(refused, NOW, waiting).waiting?.for;
    };
    expect([causeOf(NOW), causeOf()]).toEqual(['owner', 'budget']);
  });

  it('an ended project cannot be started, paused or resumed, and says so', () => {
    const ended = end(sampleProject(), NOW, 'failed', 'Stopped by its owner.');
    for (const act of [() => start(ended, NOW), () => pause(ended, NOW, waiting), () => resume(ended, NOW)]) {
      expect(act).toThrow(/has ended \(failed\)/);
    }
  });

  it('the first end counts: a later one does not change the outcome', () => {
    const ended = end(sampleProject(), NOW, 'timeout', 'Its time was up.');
    expect(end(ended, NOW, 'completed', 'Done.')).toBe(ended);
  });
});

it('a document of an older program keeps its reason to wait, by its present name', () => {
  const named = (name: string) => waitingSchema.parse({ for: name, detail: 'x', since: NOW }).for;
  expect(['user', 'decision', 'credits'].map(named)).toEqual(['owner', 'project', 'credits']);
});
