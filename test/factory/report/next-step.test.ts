import { expect, test } from 'vitest';
import { leftToTry, needOf, nextStep } from '../../../src/factory/report/next-step.ts';
import { makeProject } from '../../producers/cli/fixtures.ts';
import { sampleTask } from '../../support/samples.ts';

test.each([
  ['work that is proved is taken', {}, 'df apply'],
  ['work that failed is tried again', { status: 'failed' }, 'df retry'],
  [
    'a review has nothing to take: it is looked at',
    { review: { of: 'main', source: '/r', head: 'h' } },
    'df show',
  ],
  [
    'nor has a review that failed',
    { status: 'failed', review: { of: 'main', source: '/r', head: 'h' } },
    'df show',
  ],
] as const)('what comes next after the end: %s', (_what, change, command) => {
  const project = makeProject({ status: 'completed', started: true, ...change });
  expect(nextStep(project, 1)).toBe(`${command} ${project.id.slice(0, 8)}`);
});

test.each([
  'Provider second: the key was refused (401).',
  'Provider second is switched off, for its key was refused (401).',
  'Provider first is switched off. Provider second is switched off, for its key was refused (401).',
  'Provider second is switched off, for its key was refused (401). Provider third is switched off.',
])('who waits for a key is told whose, also when it was refused a while ago: %s', (detail) => {
  const waiting = { for: 'key' as const, detail, since: new Date(0) };
  const project = makeProject({ status: 'waiting_for_credits', started: true, waiting });
  expect(nextStep(project, 1)).toBe('df provider set-key second');
});

test.each([
  ['every provider refuses it by name', 'provider', undefined, true],
  ['every provider fails, and is tried again by itself', 'provider', new Date(9), true],
  ['a cap over all projects is reached', 'budget', new Date(9), false],
  ['its branches are at work', 'project', undefined, false],
] as const)('whether a paused project needs its owner: %s', (_what, cause, until, needs) => {
  const waiting = {
    for: cause,
    detail: 'why',
    since: new Date(0),
    ...(until === undefined ? {} : { until }),
  };
  const project = makeProject({ status: 'paused', started: true, waiting });
  const command = `df resume ${project.id.slice(0, 8)}`;
  expect(needOf(project, 1)).toEqual(needs ? { why: 'why', do: command } : null);
});

test.each(['budgets.perHour', 'budgets.perDay'])(
  'a cap over all projects that is too small for any call is for its owner to raise: %s',
  (cap) => {
    const detail = `This call costs at least $3.00 (${cap} in config.yaml).`;
    const waiting = { for: 'budget' as const, detail, since: new Date(0), until: new Date(9) };
    const needs = (more: { tooSmall?: true }) =>
      needOf(makeProject({ status: 'paused', started: true, waiting: { ...waiting, ...more } }), 1);
    expect(needs({ tooSmall: true })).toEqual({ why: detail, do: `df config set ${cap} USD` });
    expect(needs({})).toBeNull();
  },
);

test('the owner of a project that failed over a blocked task is sent to what a project that has ended takes', () => {
  const project = makeProject({ status: 'failed', started: true });
  const tasks = [sampleTask({ status: 'blocked', title: 'Say why' })];
  const list = { schemaVersion: 1 as const, version: 1, projectId: project.id, tasks };
  const told = leftToTry({ project, tasks: list, git: null }).join('\n');
  expect(told).toContain('Blocked: "Say why"');
  expect(told).not.toContain('df tasks update');
});
