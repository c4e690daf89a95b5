import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FactoryEvent } from '../../src/factory/model/event.ts';
import { addProject, openStore, sampleAgent, sampleFinance, sampleProject, sampleReport } from './samples.ts';
import { withFolder } from './support.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

describe.concurrent('a project', () => {
  it('is made with all its first documents, readable by the owner alone', () =>
    withFolder(async (folder) => {
      const { store, home } = openStore(folder);
      const project = await addProject(store);
      const top = join(home.projects, project.id);
      expect((await readdir(top)).sort()).toEqual([
        'agents',
        'finance.yaml',
        'gates',
        'output',
        'project.yaml',
        'tasks.yaml',
      ]);
      expect((await stat(top)).mode & 0o777).toBe(0o700);
      expect((await stat(join(top, 'tasks.yaml'))).mode & 0o777).toBe(0o600);
      const other = openStore(folder).store;
      expect(await other.project(project.id).get()).toEqual(project);
      expect(await other.tasks(project.id).get()).toMatchObject({
        projectId: project.id,
        tasks: [],
        version: 0,
      });
      expect(await other.finance(project.id).get()).toEqual(sampleFinance(project.id));
      expect(await other.agent(project.id, 'engineer').get()).toEqual(sampleAgent(project.id));
      expect(await other.costs(project.id).readAll()).toEqual([]);
      expect(await other.journal(project.id, 'engineer').entries()).toEqual([]);
    }));

  it('is not made twice, and the second try leaves the first as it is', () =>
    withFolder(async (folder) => {
      const { store, home } = openStore(folder);
      const project = await addProject(store);
      const again = store.createProject({ ...project, name: 'other' }, [], sampleFinance(project.id));
      await expect(again).rejects.toMatchObject({ code: 'project_exists' });
      expect((await store.project(project.id).get()).name).toBe('sample');
      expect(await readdir(join(home.data, '.making'))).toEqual([]);
    }));

  it('is not made at all when one of its documents is wrong', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const project = sampleProject();
      const agents = [sampleAgent(project.id, '../../escape')];
      await expect(store.createProject(project, agents, sampleFinance(project.id))).rejects.toThrow();
      await expect(
        store.createProject({ ...project, name: '' }, [], sampleFinance(project.id)),
      ).rejects.toThrow(/name/);
      expect(await readdir(folder)).toEqual([]);
    }));

  it('is nothing any more once its folder is gone', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const { id } = await addProject(store);
      await rm(store.projectFolder(id), { recursive: true });
      await expect(store.project(id).get()).rejects.toMatchObject({ code: 'project_not_found' });
      await expect(store.tasks(id).update((now) => now)).rejects.toMatchObject({ code: 'project_not_found' });
      const late = {
        timestamp: new Date().toISOString(),
        projectId: id,
        type: 'step.replied',
        level: 'info',
        message: 'x',
      } as const;
      await expect(store.events(id).append(late)).rejects.toMatchObject({ code: 'project_not_found' });
      await expect(
        store.journal(id, 'engineer').lease(1, { host: 'h', pid: 1, startedAt: 's' }),
      ).rejects.toMatchObject({ code: 'project_not_found' });
      expect((await store.listProjects()).projects).toEqual([]);
    }));

  it.each([
    '..',
    '../x',
    `${UNKNOWN}/../x`,
    '',
    '.',
    UNKNOWN.toUpperCase().replace('4', 'G'),
    '/etc',
    'a\0b',
  ])('an id that is none reaches no file: %j', (id) =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const notFound = { kind: 'not_found', code: 'project_not_found' };
      await expect(async () => store.project(id).get()).rejects.toMatchObject(notFound);
      await expect(async () => store.journal(id, 'engineer').entries()).rejects.toMatchObject(notFound);
      await expect(async () => store.events(id).readAll()).rejects.toMatchObject(notFound);
      await expect(async () => store.gates(id).list()).rejects.toMatchObject(notFound);
      await expect(async () => store.newOutput(id, 'x')).rejects.toMatchObject(notFound);
      expect(() => store.worktreePath(id)).toThrow();
    }),
  );

  it('a persona that is none reaches no file', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const { id } = await addProject(store);
      for (const persona of ['../project', 'a/b', '', '.']) {
        await expect(async () => store.agent(id, persona).get()).rejects.toMatchObject({ kind: 'not_found' });
        await expect(async () => store.journal(id, persona).entries()).rejects.toMatchObject({
          kind: 'not_found',
        });
      }
      await expect(store.agent(id, 'tester').get()).rejects.toMatchObject({ code: 'persona_not_found' });
    }));

  it('a document that is gone is damage, not a missing project', () =>
    withFolder(async (folder) => {
      const { store, home } = openStore(folder);
      const { id } = await addProject(store);
      await rm(join(home.projects, id, 'tasks.yaml'));
      await expect(store.tasks(id).get()).rejects.toMatchObject({ code: 'state_unreadable' });
    }));
});

describe.concurrent('events', () => {
  it('go without keys, and with their agent, through every door of the log', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const { id } = await addProject(store);
      const event: FactoryEvent = {
        ...{ timestamp: '2026-01-01T00:00:00.000Z', projectId: id, type: 'tool.ran' as const },
        ...{
          level: 'info' as const,
          persona: 'engineer',
          message: 'bash echo sk-proj-abcdefghijklmnopqrstuvwxyz',
        },
      };
      await store.events(id).append(event);
      await store.events(id).write(event);
      const wanted = { message: 'bash echo [redacted]', agentId: `${id}/engineer` };
      expect(await store.events(id).readAll()).toMatchObject([wanted, wanted]);
    }));
});

describe.concurrent('gate reports', () => {
  it('are listed in order of time, and the first report of an id stands', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const { id } = await addProject(store);
      const gates = store.gates(id);
      await gates.save(sampleReport(id, 'engineer/finish/2', new Date(2_000)));
      await gates.save(sampleReport(id, '..', new Date(1_000)));
      await gates.save({ ...sampleReport(id, 'engineer/finish/2', new Date(3_000)), passed: false });
      const seen = await openStore(folder).store.gates(id).list();
      expect(seen.map((report) => report.id)).toEqual(['..', 'engineer/finish/2']);
      expect(seen[1]).toEqual(sampleReport(id, 'engineer/finish/2', new Date(2_000)));
      expect(await gates.list()).toEqual(seen);
    }));

  it('a cut report is an error that names it', () =>
    withFolder(async (folder) => {
      const { store, home } = openStore(folder);
      const { id } = await addProject(store);
      await store.gates(id).save(sampleReport(id, 'one', new Date()));
      const file = join(home.projects, id, 'gates', 'one.yaml');
      await writeFile(file, (await readFile(file)).subarray(0, -90));
      await expect(store.gates(id).list()).rejects.toMatchObject({
        message: expect.stringContaining('one.yaml'),
      });
    }));
});

describe.concurrent('outputs', () => {
  it('get a name of their own and are read back', () =>
    withFolder(async (folder) => {
      const { store, home } = openStore(folder);
      const { id } = await addProject(store);
      const [one, two] = [
        await store.newOutput(id, '../Bash & co'),
        await store.newOutput(id, '../Bash & co'),
      ];
      expect(one?.relative).toMatch(/^output\/\d{8}T\d{6}-bash-co-[0-9a-f]{8}\.log$/);
      expect(one?.relative).not.toBe(two?.relative);
      expect(one?.file).toBe(join(home.projects, id, one?.relative ?? ''));
      await writeFile(one?.file ?? '', 'said');
      expect(await store.readOutput(id, one?.relative ?? '')).toBe('said');
    }));

  it.each(['output/../project.yaml', '../x', '/etc/passwd', 'project.yaml', 'output/', 'output/.hidden'])(
    'nothing but an output is read: %s',
    (relative) =>
      withFolder(async (folder) => {
        const { store } = openStore(folder);
        const { id } = await addProject(store);
        await expect(store.readOutput(id, relative)).rejects.toMatchObject({ code: 'output_not_found' });
      }),
  );
});

describe.concurrent('providers', () => {
  it('are an empty list before the first is added', () =>
    withFolder(async (folder) => {
      const { store, home } = openStore(join(folder, 'new'));
      expect((await store.providers().get()).providers).toEqual([]);
      await store.providers().update((now) => ({ ...now, providers: [] }));
      expect((await stat(home.providersFile)).mode & 0o777).toBe(0o600);
    }));

  it('written by hand as in the specification are read', () =>
    withFolder(async (folder) => {
      const { store, home } = openStore(folder);
      await mkdir(folder, { recursive: true });
      await writeFile(
        home.providersFile,
        'providers:\n  - id: openai-gpt4\n    name: openai\n    model: gpt-4\n    apiKey: env:KEY\n    creditsAvailable: 100\n    priority: 1\n    enabled: true\n',
      );
      expect((await store.providers().get()).providers[0]).toMatchObject({
        id: 'openai-gpt4',
        consecutiveFailures: 0,
      });
      await writeFile(home.providersFile, 'providers:\n  - id: x\n    name: nobody\n');
      await expect(store.providers().get()).rejects.toMatchObject({
        code: 'state_unreadable',
        message: expect.stringMatching(/providers\.yaml: providers\.0\.name/),
      });
    }));
});
