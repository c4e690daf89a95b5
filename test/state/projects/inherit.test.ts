import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createFactSource } from '../../../src/budget-meter/ledger-facts.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { NewChild } from '../../../src/factory/ports.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { createProcesses } from '../../../src/lib/process/process.ts';
import { openFactoryLogs } from '../../../src/state/logs/factory-logs.ts';
import { row } from '../../factory/finance/fixtures.ts';
import {
  addProject,
  openStore,
  sampleAgent,
  sampleFinance,
  sampleProject,
  sampleReport,
} from '../samples.ts';
import { withFolder } from '../support.ts';

type Store = ReturnType<typeof openStore>['store'];

function childOf(parent: Project, change: Partial<Project> = {}): NewChild {
  const id = change.id ?? newUuid();
  const project = sampleProject({ parentProjectId: parent.id, createdAt: new Date(), ...change, id });
  return {
    project,
    agents: [sampleAgent(id)],
    finance: sampleFinance(id),
    tasks: { schemaVersion: 1, version: 0, projectId: id, tasks: [] },
    reports: [{ ...sampleReport(parent.id, 'base', new Date()), projectId: id }],
  };
}

const asked = (requestId: string) => ({
  type: 'request' as const,
  requestId,
  provider: 'a',
  model: 'm',
  operation: 'chat' as const,
  reserved: 0.5,
});

async function write(store: Store, id: string, step: number, ...requests: string[]): Promise<void> {
  const writer = await store.journal(id, 'engineer').lease(step, await createProcesses().self());
  await writer?.append(...requests.map(asked), { type: 'step_done', outcome: 'continue' });
}

describe.concurrent('a child project', () => {
  test('has the journals of its parent up to their last whole line, and goes on from there by itself', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const parent = await addProject(store);
      await write(store, parent.id, 1, 'one');
      const file = join(store.projectFolder(parent.id), 'agents/engineer.jsonl');
      const whole = await readFile(file);
      await appendFile(file, '{"type":"note","key":"torn');
      const { project } = childOf(parent);
      await store.createChild(parent.id, childOf(parent, { id: project.id }));
      const copy = join(store.projectFolder(project.id), 'agents/engineer.jsonl');
      expect(await readFile(copy)).toEqual(whole);
      await write(store, project.id, 2, 'two');
      expect((await readFile(file)).subarray(0, whole.length)).toEqual(whole);
      const steps = (await store.journal(project.id, 'engineer').entries()).map(({ step, epoch }) => [
        step,
        epoch,
      ]);
      expect(steps.at(-1)).toEqual([2, 2]);
    }));

  test('has its sealed checks as a copy and its outputs under a second name', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const parent = sampleProject();
      const content = Buffer.from('#!/bin/sh\n');
      const sealed = [{ path: 'deep/check.sh', executable: true, content }];
      await store.createProject(parent, [sampleAgent(parent.id)], sampleFinance(parent.id), sealed);
      const output = await store.newOutput(parent.id, 'tests');
      await writeFile(output.file, 'ok\n');
      const child = childOf(parent);
      await store.createChild(parent.id, child);
      expect(await store.sealed(child.project.id)).toEqual(sealed);
      expect(await store.readOutput(child.project.id, output.relative)).toBe('ok\n');
      const twin = await stat(join(store.projectFolder(child.project.id), output.relative));
      expect(twin.ino).toBe((await stat(output.file)).ino);
      const own = join(store.projectFolder(child.project.id), 'sealed/deep/check.sh');
      expect((await stat(own)).ino).not.toBe(
        (await stat(join(store.projectFolder(parent.id), 'sealed/deep/check.sh'))).ino,
      );
      expect((await stat(own)).mode & 0o100).toBe(0o100);
      expect((await store.gates(child.project.id).list()).map(({ id }) => id)).toEqual(['base']);
    }));

  test('that is there already stays as it is, and half of one is never seen', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const parent = await addProject(store);
      const child = childOf(parent);
      const made = await Promise.allSettled([1, 2, 3].map(() => store.createChild(parent.id, child)));
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const each of made)
        if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'project_exists' });
      expect(await readdir(join(folder, 'data/.making'))).toEqual([]);
      expect((await store.project(child.project.id).get()).id).toBe(child.project.id);
    }));
});

describe.concurrent('the facts of a tree', () => {
  async function open(folder: string) {
    const { home, store } = openStore(folder);
    const { costs } = openFactoryLogs(home, { clock: systemClock, processes: createProcesses() });
    const collect = async () => {
      const found: string[] = [];
      await createFactSource({ state: store, factoryCosts: costs })({
        spent: ({ requestId, projectId }) => found.push(`spent ${requestId} ${projectId}`),
        open: ({ requestId, projectId }) => found.push(`open ${requestId} ${projectId}`),
        failed: ({ requestId }) => found.push(`failed ${requestId}`),
      });
      return found.sort();
    };
    return { store, collect };
  }

  test("hold each request once: what a child's journal has of its ancestors is theirs, what it asked itself is its own", () =>
    withFolder(async (folder) => {
      const { store, collect } = await open(folder);
      const root = await addProject(store, { status: 'active', started: true });
      await write(store, root.id, 1, 'booked');
      await store.costs(root.id).append(row({ requestId: 'booked' }));
      const child = childOf(root, { status: 'active' });
      await store.createChild(root.id, child);
      await write(store, child.project.id, 2, 'mine');
      const grandchild = childOf(child.project, { status: 'active', createdAt: new Date(Date.now() + 1) });
      await store.createChild(child.project.id, grandchild);
      expect(await collect()).toEqual([`open mine ${child.project.id}`, `spent booked ${root.id}`]);
    }));

  test('can still be told when the parent was removed', () =>
    withFolder(async (folder) => {
      const { store, collect } = await open(folder);
      const root = await addProject(store, { status: 'active', started: true });
      await write(store, root.id, 1, 'old');
      await new Promise((resolve) => setTimeout(resolve, 2));
      const child = childOf(root, { status: 'active' });
      await store.createChild(root.id, child);
      await rm(store.projectFolder(root.id), { recursive: true });
      await write(store, child.project.id, 2, 'mine');
      expect(await collect()).toEqual([`open mine ${child.project.id}`]);
    }));
});
