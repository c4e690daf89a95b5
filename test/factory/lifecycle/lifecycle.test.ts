import { describe, expect, it } from 'vitest';
import { refuseEnded, tellAfterEnd } from '../../../src/factory/managers/refusals.ts';
import { end, pause, resume, start } from '../../../src/factory/model/lifecycle.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { waiting as waitingSchema } from '../../../src/factory/model/waiting.ts';
import { leftToTry, nextStep } from '../../../src/factory/report/next-step.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import { NOW, sampleProject, sampleTask } from '../../support/samples.ts';

const CHILD = '1b8f1c1e-2f8e-4a3b-9c55-000000000001';
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

  describe('what its owner is sent to after its end', () => {
    const parentProjectId = '0b8f1c1e-2f8e-4a3b-9c55-000000000009';
    const hintOf = (refused: () => unknown): string => {
      try {
        refused();
      } catch (error) {
        return error instanceof DarkFactoryError ? error.hint : '';
      }
      return '';
    };
    const told = (change: Partial<Project>): string[] => {
      const ended = end(sampleProject(change), NOW, 'failed', 'Its gate failed 9 times.');
      const list = { schemaVersion: 1 as const, version: 1, projectId: ended.id };
      const tasks = [sampleTask({ status: 'blocked' })];
      return [
        hintOf(() => start(ended, NOW)),
        hintOf(() => pause(ended, NOW, waiting)),
        hintOf(() => resume(ended, NOW)),
        hintOf(() => refuseEnded(ended, 'its tasks stay as they are')),
        tellAfterEnd(ended),
        leftToTry({ project: ended, tasks: { ...list, tasks }, git: null }).join(' '),
      ];
    };

    it('is another attempt of its own', () => {
      for (const text of told({})) expect(text).toContain('df retry');
      expect(nextStep(sampleProject({ status: 'failed' }), 1)).toMatch(/^df retry /);
    });

    it('is its parent, or its branch, where it is a branch of a decision, which df retry refuses', () => {
      for (const text of told({ id: CHILD, parentProjectId })) {
        expect(text).toContain('df retry 0b8f1c1e');
        expect(text).toContain(`df init <name> --base ${sampleProject().workBranch}`);
        expect(text).not.toMatch(/df retry (lets|1)/);
      }
      expect(nextStep(sampleProject({ id: CHILD, status: 'failed', parentProjectId }), 1)).toBe(
        'df branches 0b8f1c1e',
      );
    });
  });
});

it('a document of an older program keeps its reason to wait, by its present name', () => {
  const named = (name: string) => waitingSchema.parse({ for: name, detail: 'x', since: NOW }).for;
  expect(['user', 'decision', 'credits'].map(named)).toEqual(['owner', 'project', 'credits']);
});
