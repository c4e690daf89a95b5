import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { config as configSchema } from '../../../src/factory/config/config.ts';
import type { AgentState } from '../../../src/factory/model/agent.ts';
import type { NewEvent } from '../../../src/factory/model/event.ts';
import type { GateCheck } from '../../../src/factory/model/gate-check.ts';
import type { QualityReport } from '../../../src/factory/model/gate-report.ts';
import type { JournalEntry, JournalRecord } from '../../../src/factory/model/journal.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { Task, TaskList } from '../../../src/factory/model/task.ts';
import type { GitManager, StateStore, Workspace } from '../../../src/factory/ports.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import type { Services } from '../../../src/services.ts';
import type { JobContext } from '../../../src/workers/steps/processor.ts';
import { NOW, sampleAgent, sampleProject } from '../../support/samples.ts';

export interface Given {
  projects?: Partial<Project>[];
  agent?: Partial<AgentState>;
  tasks?: Task[];
  reports?: QualityReport[];
  checks?: readonly GateCheck[];
  /** Exit code of whatever is run in a scratch tree. */
  exitCode?: number;
  git?: Partial<GitManager>;
  workspace?: Partial<Workspace>;
  services?: Partial<Services>;
  config?: object;
  /** Who holds the lease of a journal: `alive` for a worker that is at work. */
  lease?: { epoch: number; holder: 'alive' | 'dead' | 'foreign'; job: string | undefined };
}

/** What a processor did, as far as others see it. */
export interface Seen {
  events: NewEvent[];
  /** `dispatch <id>`, `pause <id> <cause>: <detail>`, `git <method>`, `workspace <method>` in their order. */
  acts: string[];
}

/** Services in memory: documents, a journal for each agent, and counterparts that write down what they were asked for. */
export async function openFakes(given: Given = {}) {
  const data = await mkdtemp(join(tmpdir(), 'df-fakes-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const seen: Seen = { events: [], acts: [] };
  const projects = (given.projects ?? [{}]).map((each) =>
    sampleProject({ repository: data, worktreePath: join(data, 'worktree'), ...each }),
  );
  const [project = sampleProject()] = projects;
  const journals = new Map<string, JournalEntry[]>();
  const state = memoryState(projects, journals, given);
  const note = (act: string) => void seen.acts.push(act);
  const services: Partial<Services> = {
    home: { root: data, data } as Services['home'],
    config: configSchema.parse({ gates: { concurrency: 1 }, limits: { diskFree: '0%' }, ...given.config }),
    clock: { now: () => NOW },
    state,
    git: asked<GitManager>('git', note, {
      validateWorktree: async () => true,
      createWorktree: async () => {},
      deleteWorktree: async () => {},
      holdsWork: async () => false,
      commitChanges: async () => null,
      head: async () => 'b'.repeat(40),
      listFiles: async () => [],
      changedFiles: async () => [],
      fileIds: async () => new Map(),
      showFile: async () => null,
      ...given.git,
    }),
    workspace: asked<Workspace>('workspace', note, {
      prepareWorktree: async () => null,
      cleanup: async () => {},
      removeScratchTrees: async () => {},
      sweepScratchTrees: async () => 0,
      forgetSetup: async () => undefined,
      scratchTree: async () => scratchTree(given.exitCode ?? 0),
      ...given.workspace,
    }),
    sandbox: async () => ({ mechanism: 'off' }) as Awaited<ReturnType<Services['sandbox']>>,
    finance: async () => ({}) as Awaited<ReturnType<Services['finance']>>,
    notifications: async () =>
      ({ watch: async () => note('watch'), scan: async () => note('scan') }) as unknown as Awaited<
        ReturnType<Services['notifications']>
      >,
    record: async (event) => void seen.events.push(event),
    projectService: {
      dispatch: async (id: string) => note(`dispatch ${id}`),
      dispatchParent: async (id: string) => note(`dispatch parent of ${id}`),
      pauseFor: async (id: string, cause: string, detail: string) => note(`pause ${id} ${cause}: ${detail}`),
      checks: async () => given.checks ?? [],
    } as unknown as Services['projectService'],
    holder: async () => ({ host: 'here', pid: 1, startedAt: '1' }),
    liveness: async () => 'alive',
    openLease: async () => given.lease ?? null,
    queues: async () =>
      ({ isAtWork: async () => true }) as unknown as Awaited<ReturnType<Services['queues']>>,
    ...given.services,
  };
  const context: JobContext = {
    services: services as Services,
    job: 'job-1',
    signal: new AbortController().signal,
    log: () => {},
  };
  return { context, seen, state, project, now: () => state.project(project.id).get() };
}

/** Every call of it is written down. */
function asked<T extends object>(name: string, note: (act: string) => void, methods: Partial<T>): T {
  return new Proxy(methods, {
    get(target, key) {
      const method = target[key as keyof T];
      if (typeof method !== 'function')
        throw new Error(`${name}.${String(key)} was not expected to be asked for`);
      return (...args: unknown[]) => {
        note(`${name} ${String(key)}`);
        return method(...args) as unknown;
      };
    },
  }) as T;
}

async function scratchTree(exitCode: number): ReturnType<Workspace['scratchTree']> {
  const result = {
    ...{ exitCode, ended: 'exit' as const, durationMs: 5, output: 'said\n', outputBytes: 5 },
    ...{ truncated: false, outputHash: 'hash' },
  };
  return {
    folder: '/scratch',
    place: { worktree: '/scratch', gitDir: '/repository/.git' },
    run: async () => ({ result, relative: 'output/1.log' }),
    write: async () => {},
    restore: async () => [],
    remove: async () => {},
  };
}

function memoryState(
  projects: readonly Project[],
  journals: Map<string, JournalEntry[]>,
  given: Given,
): StateStore {
  const documents = new Map<string, unknown>();
  const document = <T>(key: string, first?: () => T) => ({
    async get(): Promise<T> {
      if (!documents.has(key) && first !== undefined) documents.set(key, first());
      if (!documents.has(key)) throw new DarkFactoryError('not_found', 'project_not_found', key, '');
      return documents.get(key) as T;
    },
    async update(change: (current: T) => T): Promise<T> {
      const next = change(await this.get());
      documents.set(key, next);
      return next;
    },
  });
  const reports = [...(given.reports ?? [])];
  for (const each of projects) documents.set(`project ${each.id}`, each);
  const state: Partial<StateStore> = {
    project: (id) => document<Project>(`project ${id}`),
    agent: (id, persona) =>
      document<AgentState>(`agent ${id}/${persona}`, () =>
        sampleAgent({ projectId: id, personaName: persona, ...given.agent }),
      ),
    tasks: (id) =>
      document<TaskList>(`tasks ${id}`, () => ({
        schemaVersion: 1,
        version: 1,
        projectId: id,
        tasks: given.tasks ?? [],
      })),
    gates: () => ({ save: async (report) => void reports.push(report), list: async () => [...reports] }),
    costs: () => ({ append: async () => {}, readAll: async () => [] }),
    journal: (id, persona) => memoryJournal(journals, `${id}/${persona}`),
    sealed: async () => null,
    projectFolder: (id) => `/projects/${id}`,
    readOutput: async () => 'said\n',
    saveOutput: async () => 'output/left.log',
    encryptOutputs: async () => {},
    listOpenProjects: async () =>
      Promise.all(projects.map(({ id }) => document<Project>(`project ${id}`).get())),
  };
  return state as StateStore;
}

function memoryJournal(
  journals: Map<string, JournalEntry[]>,
  key: string,
): ReturnType<StateStore['journal']> {
  const entries = journals.get(key) ?? [];
  journals.set(key, entries);
  return {
    entries: async () => entries,
    async lease(step, holder) {
      if (entries.some((entry) => entry.type === 'step_done' && entry.step >= step)) return null;
      const epoch = entries.reduce((most, entry) => Math.max(most, entry.epoch), 0) + 1;
      const append = async (...records: JournalRecord[]) => {
        for (const each of records) entries.push({ ...each, epoch, step, at: NOW.toISOString() });
      };
      await append({ type: 'lease', holder });
      return { epoch, step, append, check: async () => {} };
    },
  };
}
