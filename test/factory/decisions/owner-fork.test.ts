import { expect, it } from 'vitest';
import { config } from '../../../src/factory/config/config.ts';
import {
  type DecisionOrder,
  forkForOwner,
  type OwnerForkDeps,
} from '../../../src/factory/decisions/fork/owner-fork.ts';
import { sampleProject } from '../../state/samples.ts';

/** Nothing else is asked before a fork begins. */
const deps = { config: config.parse({}), newId: () => 'id' } as unknown as OwnerForkDeps;
const option = { description: '', estimatedEffort: 'low' };
const DECISION: DecisionOrder = {
  question: 'How?',
  confidence: 0.9,
  options: [
    { ...option, label: 'Plus', confidence: 0.9 },
    { ...option, label: 'Loop', confidence: 0.5 },
  ],
};
const ask = (decision: object, more: object = {}) =>
  forkForOwner(deps, sampleProject(more), decision as DecisionOrder);

it('a decision that is sure enough forks nothing, whatever the project does', async () => {
  for (const status of ['initializing', 'paused', 'completed'])
    expect(await ask(DECISION, { status, started: status !== 'initializing' })).toEqual([]);
  await expect(ask({ ...DECISION, confidence: 0.1 })).rejects.toMatchObject({ code: 'cannot_fork' });
});

it.each<[string, object]>([
  ['nothing', {}],
  ['no options', { ...DECISION, options: undefined }],
  ['an option that is text', { ...DECISION, options: ['Plus'] }],
  ['an option without a name', { ...DECISION, options: [option] }],
  ['a field that there is not', { ...DECISION, budget: 1 }],
  ['what was chosen', { ...DECISION, selectedOption: 'Plus' }],
])('is no decision: %s', async (_what, decision) => {
  await expect(ask(decision)).rejects.toMatchObject({ kind: 'usage', code: 'decision_invalid' });
});
