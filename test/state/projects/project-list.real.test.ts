import { appendFile, mkdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Project } from '../../../src/factory/model/project.ts';
import { until } from '../../support/until.ts';
import { addProject, openStore } from '../samples.ts';
import { withFolder } from '../support.ts';

const at = (n: number): Date => new Date(Date.UTC(2025, 0, 1) + n * 1_000);
const index = (folder: string): string => join(folder, 'data', 'projects.index');
const indexText = (folder: string): Promise<string> => readFile(index(folder), 'utf8').catch(() => '');

/** Waits until everything that was just written is old enough to be written down, and writes it down. */
async function indexed(folder: string, ids: readonly string[]): Promise<void> {
  await until(async () => {
    await openStore(folder).store.listProjects();
    const text = await indexText(folder);
    return ids.every((id) => text.includes(`\n${id}`));
  });
}

/** Makes a document unreadable without changing its key: whoever still lists it has not read it. */
async function spoilUnseen(file: string): Promise<void> {
  const { mtimeNs } = await import('node:fs').then(({ statSync }) => statSync(file, { bigint: true }));
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('name: ', 'name# '));
  const seconds = Number(mtimeNs) / 1e9;
  await utimes(file, seconds, seconds);
}

describe.concurrent('listing projects', () => {
  it('tells of a document that was cut after its project had ended, though the index knows what stood in it', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const { id } = await addProject(store, { status: 'completed', settled: true });
      await indexed(folder, [id]);
      const file = join(store.projectFolder(id), 'project.yaml');
      await truncate(file, 40);
      for (const list of ['listProjects', 'listSummaries'] as const) {
        const { projects, unreadable } = await openStore(folder).store[list]();
        expect(projects).toEqual([]);
        expect(unreadable).toEqual([{ id, problem: expect.stringContaining(file) }]);
      }
    }));

  it('gives all of them in order of creation, the same with and without the index', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      expect(await store.listProjects()).toEqual({ projects: [], unreadable: [] });
      const made: Project[] = [];
      for (const n of [3, 1, 2]) {
        made.push(
          await addProject(store, {
            createdAt: at(n),
            name: `n${n}`,
            status: n === 1 ? 'completed' : 'paused',
            waiting: { for: 'owner', detail: '2025-01-01T00:00:00.000Z', since: at(9) },
          }),
        );
      }
      const expected = made.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
      expect((await store.listProjects()).projects).toEqual(expected);
      await indexed(
        folder,
        made.map((project) => project.id),
      );
      expect((await openStore(folder).store.listProjects()).projects).toEqual(expected);
      const summaries = expected.map(({ id, name, status, createdAt, updatedAt, totalCost, workBranch }) => ({
        id,
        name,
        ...{ status, createdAt, updatedAt, totalCost, workBranch, moves: false },
        ...{ repository: '/tmp/repository', activeMs: 0 },
      }));
      expect((await openStore(folder).store.listSummaries()).projects).toEqual(summaries);
      await rm(index(folder));
      expect((await store.listProjects()).projects).toEqual(expected);
      expect((await store.listSummaries()).projects).toEqual(summaries);
    }));

  it('shows a change at once, by whichever process', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const { id } = await addProject(store);
      await indexed(folder, [id]);
      const reader = openStore(folder).store;
      await reader.listProjects();
      for (const status of ['active', 'paused', 'completed'] as const) {
        await store.project(id).update((now) => ({ ...now, status }));
        expect((await reader.listProjects()).projects[0]?.status).toBe(status);
      }
    }));

  it('reports an unreadable project and still gives the others', () =>
    withFolder(async (folder) => {
      const { store, home } = openStore(folder);
      const whole = await addProject(store);
      const damaged = await addProject(store);
      await writeFile(join(home.projects, damaged.id, 'project.yaml'), 'name: x\n');
      const empty = '00000000-0000-4000-8000-000000000000';
      await mkdir(join(home.projects, empty));
      await mkdir(join(home.projects, 'no-project'));
      const { projects, unreadable } = await store.listProjects();
      expect(projects.map((project) => project.id)).toEqual([whole.id]);
      expect(unreadable.map(({ id }) => id).sort()).toEqual([empty, damaged.id].sort());
      expect(unreadable.find(({ id }) => id === damaged.id)?.problem).toMatch(
        /project\.yaml: the file is cut/,
      );
    }));

  it('what it hands out can be changed without harm', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const { id } = await addProject(store, { status: 'completed' });
      await indexed(folder, [id]);
      const reader = openStore(folder).store;
      const [first] = (await reader.listProjects()).projects;
      if (first !== undefined) first.name = 'changed';
      expect((await reader.listProjects()).projects[0]?.name).toBe('sample');
    }));

  it('a damaged index is as good as none', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const project = await addProject(store, { status: 'completed' });
      await indexed(folder, [project.id]);
      const text = await readFile(index(folder), 'utf8');
      for (const damaged of [
        text.slice(0, -30),
        text.replace('"project"', '"pr'),
        `${text}\n${text.slice(0, 60)}`,
        '\u0000'.repeat(5_000),
      ]) {
        await writeFile(index(folder), damaged);
        expect((await openStore(folder).store.listProjects()).projects).toEqual([project]);
      }
    }));

  it('a line of another version of the program does not count', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const project = await addProject(store, { status: 'completed' });
      await indexed(folder, [project.id]);
      const text = await readFile(index(folder), 'utf8');
      await writeFile(
        index(folder),
        text.replace(/ [0-9a-f]{12} /, ' 0123456789ab ').replace('sample', 'old'),
      );
      expect((await openStore(folder).store.listProjects()).projects).toEqual([project]);
    }));

  it('the index does not grow without end', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const project = await addProject(store, { status: 'completed' });
      await indexed(folder, [project.id]);
      const text = await readFile(index(folder), 'utf8');
      await appendFile(index(folder), text.repeat(1_200));
      expect((await openStore(folder).store.listProjects()).projects).toEqual([project]);
      expect((await readFile(index(folder), 'utf8')).length).toBeLessThan(text.length * 2);
      expect((await openStore(folder).store.listProjects()).projects).toEqual([project]);
    }));
});

describe.concurrent('projects that need attention', () => {
  it('are those not ended and settled; the others are not read again, by any process', () =>
    withFolder(async (folder) => {
      const { store, home } = openStore(folder);
      const open = await addProject(store, { status: 'active' });
      const unsettled = await addProject(store, { status: 'completed', settled: false });
      const closed = await addProject(store, { status: 'failed', settled: true });
      const ids = async (from = openStore(folder).store): Promise<string[]> =>
        (await from.listOpenProjects()).map((project) => project.id).sort();
      expect(await ids()).toEqual([open.id, unsettled.id].sort());
      await indexed(folder, [closed.id]);
      const worker = openStore(folder).store;
      expect(await ids(worker)).toEqual([open.id, unsettled.id].sort());
      await spoilUnseen(join(home.projects, closed.id, 'project.yaml'));
      expect(await ids(worker)).toEqual([open.id, unsettled.id].sort());
      expect(await ids()).toEqual([open.id, unsettled.id].sort());
    }));

  it('looking at them again and again does not make the index grow', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const { id } = await addProject(store, { status: 'paused' });
      await indexed(folder, [id]);
      const before = await readFile(index(folder), 'utf8');
      for (let i = 0; i < 3; i += 1) expect(await store.listOpenProjects()).toHaveLength(1);
      expect(await openStore(folder).store.listOpenProjects()).toHaveLength(1);
      expect(await readFile(index(folder), 'utf8')).toBe(before);
    }));

  it('one that ends disappears, and one that is opened again appears, in every process', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const worker = openStore(folder).store;
      const { id } = await addProject(store, { status: 'active' });
      expect(await worker.listOpenProjects()).toHaveLength(1);
      await store.project(id).update((now) => ({ ...now, status: 'timeout', settled: true }));
      expect(await worker.listOpenProjects()).toEqual([]);
      await indexed(folder, [id]);
      expect(await worker.listOpenProjects()).toEqual([]);
      await store.project(id).update((now) => ({ ...now, status: 'active', settled: false }));
      expect(await worker.listOpenProjects()).toHaveLength(1);
      expect((await worker.listProjects()).projects[0]?.status).toBe('active');
    }));
});
