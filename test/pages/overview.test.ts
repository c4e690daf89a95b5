import { describe, expect, it } from 'vitest';
import { type GroupName, grouped, type Shown } from '../../src/pages/overview/groups.ts';
import { sampleProject } from '../support/samples.ts';

const shown = (over: Partial<Shown>) =>
  ({ ...JSON.parse(JSON.stringify(sampleProject())), started: true, status: 'active', ...over }) as Shown;
const waiting = (what: 'owner' | 'key' | 'budget' | 'rate' | 'credits') => ({
  waiting: { for: what, detail: 'x', since: '2026-01-01T00:00:00.000Z' },
});

describe('the overview', () => {
  it.each<[GroupName, Partial<Shown>]>([
    ['needs', { started: false, status: 'initializing' }],
    ['needs', { status: 'paused', ...waiting('owner') }],
    ['needs', { status: 'active', ...waiting('key') }],
    ['needs', { status: 'active', ...waiting('budget') }],
    ['working', { status: 'active' }],
    ['waiting', { status: 'active', ...waiting('rate') }],
    ['waiting', { status: 'waiting_for_credits', ...waiting('credits') }],
    ['proved', { status: 'completed' }],
    ['failed', { status: 'failed' }],
    ['failed', { status: 'timeout' }],
  ])('shows among those that are %s a project with %j', (group, over) => {
    expect(grouped([shown(over)])[group]).toHaveLength(1);
  });

  it('finds projects by a part of their name or repository', () => {
    const all = [
      shown({ name: 'Shop', status: 'failed' }),
      shown({ name: 'x', repository: '/r/shop' }),
      shown({ name: 'y' }),
    ];
    expect(Object.values(grouped(all, ' sHOP ')).flat()).toHaveLength(2);
    expect(Object.values(grouped(all, '')).flat()).toHaveLength(3);
  });
});
