import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { type GroupName, grouped, type Shown } from '../../src/pages/overview/groups.ts';
import { overviewRow } from '../../src/producers/documents/overview.ts';
import { addProject, openStore } from '../state/samples.ts';
import { sampleProject } from '../support/samples.ts';

const shown = (over: Partial<Shown>) =>
  ({ ...JSON.parse(JSON.stringify(sampleProject())), started: true, status: 'active', ...over }) as Shown;
/** The row of a project at work with this difference, as the server makes it. */
async function row(change: Partial<Project>, workers = 1): Promise<Shown> {
  const folder = await mkdtemp(join(tmpdir(), 'overview-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { store: state } = openStore(folder);
  const { id } = await addProject(state, { started: true, status: 'active', ...change });
  return JSON.parse(JSON.stringify(await overviewRow({ state, workers, now: new Date() }, id)));
}

const waits = (what: NonNullable<Project['waiting']>['for'], until?: Date): Partial<Project> => ({
  waiting: { for: what, detail: 'x', since: new Date(0), ...(until === undefined ? {} : { until }) },
});

describe('the overview', () => {
  it.each<[GroupName, Partial<Project>]>([
    ['needs', { started: false, status: 'initializing' }],
    ['needs', { status: 'paused', ...waits('owner') }],
    ['needs', { status: 'paused', ...waits('budget') }],
    ['needs', { status: 'active', ...waits('key') }],
    ['needs', { status: 'active', ...waits('disk') }],
    ['needs', { status: 'waiting_for_credits', ...waits('credits') }],
    ['working', { status: 'active' }],
    ['waiting', { status: 'active', ...waits('rate') }],
    ['waiting', { status: 'paused', ...waits('project') }],
    ['waiting', { status: 'paused', ...waits('budget', new Date(1)) }],
    ['proved', { status: 'completed' }],
    ['failed', { status: 'failed' }],
    ['failed', { status: 'timeout' }],
  ])('shows among those that are %s a project with %j', async (group, over) => {
    expect(grouped([await row(over)])[group]).toHaveLength(1);
  });

  it('shows a project at work among those that need somebody when there is no worker', async () => {
    const found = await row({}, 0);
    expect(found.need).toMatchObject({ do: 'df up' });
    expect(grouped([found]).needs).toHaveLength(1);
  });

  it('shows what happens to a branch of a decision in the row of its project', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'overview-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { store: state } = openStore(folder);
    const root = await addProject(state);
    const child = await addProject(state, { parentProjectId: root.id });
    const grandchild = await addProject(state, { parentProjectId: child.id });
    const found = await overviewRow({ state, workers: 1, now: new Date() }, grandchild.id);
    expect(found.id).toBe(root.id);
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
