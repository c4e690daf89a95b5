import { expect, it } from 'vitest';
import { catalogue, type NextJob } from '../../src/queues/jobs/catalogue.ts';

const projectId = '3f2a9c1e-0000-4000-8000-000000000000';

it.each<[object, string]>([
  [
    { queue: 'agent-steps', payload: { projectId, persona: 'engineer', step: 7 } },
    '3f2a9c1e engineer step 7',
  ],
  [{ queue: 'projects', payload: { action: 'reconcile' } }, 'reconcile'],
  [{ queue: 'projects', payload: { action: 'start', projectId } }, '3f2a9c1e start'],
  [{ queue: 'audits', payload: { projectId, kind: 'closing', round: 2 } }, '3f2a9c1e closing audit 2'],
  [
    { queue: 'quality-gates', payload: { kind: 'finish', projectId, persona: 'engineer', step: 8 } },
    '3f2a9c1e engineer finish gate step 8',
  ],
  [{ queue: 'provider-probes', payload: { providerId: 'main' } }, 'main'],
  [
    { queue: 'notifications', payload: { box: projectId, notice: 'abcdefghij', target: 't' } },
    '3f2a9c1e notice abcdefgh',
  ],
])('a job says in the board what it is about: %j', (job, name) => {
  const { queue, payload } = job as NextJob;
  expect(catalogue[queue].job(payload)).toMatchObject({ name, data: payload });
});
