import { expect, it } from 'vitest';
import { logFields } from '../../src/workers/log-fields.ts';

it('names project, agent and step where a job has them, and nothing where it has none', () => {
  expect(logFields({ projectId: 'p', persona: 'engineer', step: 3 })).toEqual({
    projectId: 'p',
    agentId: 'p/engineer',
    step: 3,
  });
  expect(logFields({ action: 'start', projectId: 'p' })).toEqual({ projectId: 'p' });
  for (const payload of [{ action: 'reconcile' }, null, 'x', { projectId: 3 }])
    expect(logFields(payload)).toEqual({});
});
