import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { finishedProjects } from '../../../src/factory/history/finished.ts';
import { modelRecords } from '../../../src/factory/history/models.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { nightReport } from '../../../src/factory/report/night/night.ts';
import { overviewRows } from '../../../src/producers/documents/overview.ts';
import { upToDate } from '../../../src/producers/documents/up-to-date.ts';
import { damagedProjects } from '../../../src/producers/health/damaged-projects.ts';
import { row } from '../../factory/finance/fixtures.ts';
import { addProject, openStore } from '../../state/samples.ts';

const NOW = new Date('2026-11-30T06:00:00Z');
const FILES = ['tasks.yaml', 'costs.jsonl', 'agents/engineer.yaml'];

/** A project that is sound, and one with a file that is none. */
async function house(file: string, change: Partial<Project> = { status: 'active' }) {
  const folder = await mkdtemp(join(tmpdir(), 'unreadable-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { store: state } = openStore(folder);
  const common = { started: true, updatedAt: NOW, ...change };
  const sound = await addProject(state, { ...common, name: 'sound' });
  await state.costs(sound.id).append(row({ requestId: 'r', cost: 2 }));
  const torn = await addProject(state, { ...common, name: 'torn', totalCost: 3 });
  await damage(state, torn, file);
  return { state, sound, torn, named: { id: torn.id, problem: expect.stringContaining(file) } };
}

type State = Awaited<ReturnType<typeof house>>['state'];

const damage = (state: State, { id }: Project, file: string) =>
  writeFile(join(state.projectFolder(id), file), 'no: [such\nfile\n');
const figures = (projects: readonly Pick<Project, 'name' | 'totalCost'>[]) =>
  new Map(projects.map(({ name, totalCost }) => [name, totalCost]));
const AS_NOTED = new Map([
  ['sound', 2],
  ['torn', 3],
]);

describe.each(FILES)('a project whose %s cannot be read', (file) => {
  it('hides no other in a list, which has what was noted of it and names the file', async () => {
    const { state, named } = await house(file);
    const whole = await upToDate(state, (await state.listProjects()).projects);
    const short = await upToDate(state, (await state.listSummaries()).projects);
    for (const { projects, unreadable } of [whole, short]) {
      expect(figures(projects)).toEqual(AS_NOTED);
      expect(unreadable).toEqual([named]);
    }
  });

  it('stands in the overview with what was noted of it', async () => {
    const { state } = await house(file);
    expect(figures(await overviewRows({ state, workers: 1, now: NOW }))).toEqual(AS_NOTED);
  });

  it('is named among what is wrong with the state, and no sound one is', async () => {
    const { state, named } = await house(file);
    expect(await damagedProjects(state, await state.listOpenProjects())).toEqual([named]);
  });

  it('is left out of what models came to, and named, if it is needed for that', async () => {
    const { state, named } = await house(file);
    const { records, unreadable } = await modelRecords(state);
    expect(records).toMatchObject([{ requests: 1, cost: 2 }]);
    expect(unreadable).toEqual(file.startsWith('agents') ? [] : [named]);
  });
});

it('a ledger that cannot be read is left out of what finished projects took', async () => {
  const { state } = await house('costs.jsonl', { status: 'completed', settled: true });
  expect(await finishedProjects(state, '/tmp/repository')).toMatchObject([{ cost: 2 }]);
});

describe('a branch of a decision whose document cannot be read', () => {
  const exploring: Partial<Project> = {
    status: 'paused',
    waiting: { for: 'project', detail: 'Explores a decision.', since: NOW },
  };
  async function withTornBranch() {
    const { state, sound } = await house('tasks.yaml', exploring);
    const branch = await addProject(state, { parentProjectId: sound.id });
    await state.project(sound.id).update((each) => ({ ...each, childProjectIds: [branch.id] }));
    await damage(state, branch, 'project.yaml');
    return { state, sound };
  }

  it('hides no other project in the report of a night, which names it', async () => {
    const { state, sound } = await withTornBranch();
    const whole = await addProject(state, { name: 'whole', started: true, status: 'active' });
    const { projects, unreadable } = await nightReport({ state }, { since: NOW, until: NOW, workers: 1 });
    expect(projects.map(({ id }) => id)).toEqual([whole.id]);
    expect(unreadable).toContainEqual({ id: sound.id, problem: expect.stringContaining('project.yaml') });
  });

  it('leaves its parent in the overview', async () => {
    const { state } = await withTornBranch();
    const rows = await overviewRows({ state, workers: 1, now: NOW });
    expect(rows.map(({ name }) => name).sort()).toEqual(['sound', 'torn']);
  });
});
