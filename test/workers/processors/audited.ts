/** A project whose agent says that it is done, for tests of audits. */
import { qualityReport } from '../../../src/factory/model/gates/gate-report.ts';
import type { Task } from '../../../src/factory/model/task.ts';
import { NOW, PROJECT_ID, sampleAgent, sampleTask } from '../../support/samples.ts';
import { createWorld, HEAD, type WorldOptions } from './world.ts';

export const closing = { projectId: PROJECT_ID, kind: 'closing', round: 1 } as const;
export const DONE = sampleAgent({ status: 'completed', nextStep: 1, epoch: 0 });
export const verdict = (complete: boolean) =>
  JSON.stringify({ complete, evidence: complete ? 'It is there.' : 'No form.', confidence: 0.9 });
/** How a call ends that was stopped by something else than the job's own signal. */
export const CUT = { kind: 'aborted' } as const;
export const CRITERION = { name: 'form', command: 'test -f form', expectedExitCode: 0 };

export const gate = (commit: string, persona = 'engineer') =>
  qualityReport.parse({
    ...{ passed: true, checks: [], timestamp: NOW, id: `${persona}-${commit}`, projectId: PROJECT_ID },
    ...{ persona, kind: 'finish', round: 1, commit, sandbox: 'fake' },
  });

/** The gate of its agent has passed. */
export async function audited(options: WorldOptions, task: Partial<Task> = { criteria: [CRITERION] }) {
  const world = createWorld({ agents: [DONE], ...options });
  world.gates.push(gate(HEAD));
  await world.state.tasks(PROJECT_ID).update((list) => ({ ...list, tasks: [sampleTask(task)] }));
  return world;
}
