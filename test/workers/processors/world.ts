import { createMemoryCache } from '../../../src/factory/agent/memory/memory-cache.ts';
import { config } from '../../../src/factory/config/config.ts';
import { createProjectService } from '../../../src/factory/lifecycle/project-service.ts';
import type { AgentState } from '../../../src/factory/model/agent.ts';
import type { NewEvent } from '../../../src/factory/model/event.ts';
import type { GateCheck } from '../../../src/factory/model/gates/gate-check.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { Task } from '../../../src/factory/model/task.ts';
import type {
  CommandRequest,
  GitManager,
  PaidCall,
  StateStore,
  Workspace,
} from '../../../src/factory/ports.ts';
import { createSlots } from '../../../src/lib/locks/slots.ts';
import { noLog } from '../../../src/lib/log.ts';
import { createProcesses } from '../../../src/lib/process/process.ts';
import type { NextJob } from '../../../src/queues/jobs/catalogue.ts';
import type { Services } from '../../../src/services.ts';
import type { JobContext } from '../../../src/workers/steps/processor.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { NOW, sampleAgent, sampleProject } from '../../support/samples.ts';
import { type Answer, createPaidModel } from './paid-model.ts';

export const HEAD = 'd'.repeat(40);

export interface WorldOptions {
  project?: Partial<Project>;
  /** Further projects. */
  others?: readonly Partial<Project>[];
  agents?: readonly AgentState[];
  tasks?: readonly Task[];
  answer?(call: PaidCall): Answer;
  /** Exit code of a command. */
  command?(request: Pick<CommandRequest, 'command'>): number;
  /** What commands print. */
  output?: string;
  git?: Partial<GitManager>;
  workspace?: Partial<Workspace>;
  services?: Partial<Services>;
  config?: object;
  /** Where slots and marks are kept. Default: nowhere, for processors that keep none. */
  data?: string;
}

/**
 * A project with all that a processor asks of the services, in memory: no Redis, git or sandbox. What git, the workspace and the
 * notifications were asked for stands in `acts`, as `git <method>`, in its order.
 */
export function createWorld(options: WorldOptions = {}) {
  const settings = { commands: { test: 'true' }, allowGateChanges: false };
  const project = sampleProject({ settings, ...options.project });
  const projects = [project, ...(options.others ?? []).map(sampleProject)];
  const agents = options.agents ?? [sampleAgent({ nextStep: 1, epoch: 0 })];
  const { store: stored, entries, gates } = createMemoryState(projects, agents, options.tasks);
  const jobs: NextJob[] = [];
  const events: NewEvent[] = [];
  const log = { readAll: async () => events };
  const store = { ...stored, events: () => log as unknown as ReturnType<StateStore['events']> };
  const acts: string[] = [];
  const note = (act: string) => void acts.push(act);
  const cut = new AbortController();
  const { finance, asked, booked } = createPaidModel((call) => options.answer?.(call) ?? 'Done.');
  const parts = {
    config: config.parse(options.config ?? {}),
    state: store,
    git: noted<GitManager>('git', note, { ...GIT, ...options.git }),
    record: async (event: NewEvent) => void events.push(event),
    finance: async () => finance,
  };
  const queue = {
    enqueue: async (...added: NextJob[]) => void jobs.push(...added),
    hasten: async (...added: NextJob[]) => void jobs.push(...added),
    ensure: async (...added: NextJob[]) => void jobs.push(...added),
    missing: async () => [],
    isAtWork: async () => null,
  };
  const run = async (request: Pick<CommandRequest, 'command'>) => ({
    exitCode: options.command?.(request) ?? 0,
    output: options.output ?? 'ran',
    ...{ ended: 'exit', durationMs: 1, outputBytes: 3, truncated: false, outputHash: '0' },
  });
  const services = {
    ...parts,
    projectService: createProjectService({
      ...parts,
      now: () => NOW,
      queue: async () => queue,
      loadPersona: async () => PERSONA,
      soon: { ask: (_: string, work: () => Promise<void>) => void work() },
    } as never),
    ...{ log: noLog, memories: createMemoryCache(), home: { data: options.data ?? '/nowhere' } },
    clock: { now: () => NOW },
    queues: async () => queue,
    sandbox: async () => ({ run, name: 'fake' }),
    workspace: noted<Workspace>('workspace', note, { ...workspaceWith(run), ...options.workspace }),
    notifications: async () => ({ watch: async () => note('watch'), scan: async () => note('scan') }),
    holder: async () => ({ host: 'here', pid: 1, startedAt: '1' }),
    liveness: async () => 'dead',
    openLease: async (_id: string, persona: string) => {
      const last = entries(persona).at(-1);
      if (last === undefined || last.type === 'step_done' || last.type === 'released') return null;
      return { epoch: last.epoch, holder: 'dead', job: undefined };
    },
    inFreeSlot: createSlots(createProcesses()),
    isolated: <T>(work: () => Promise<T>) => work(),
    recordLater: () => {},
    ...options.services,
  };
  const context: JobContext = {
    services: services as unknown as Services,
    job: 'queue/1',
    signal: cut.signal,
    log: () => {},
  };
  return {
    ...{ context, jobs, events, acts, asked, booked, entries, gates, cut, finance },
    state: store,
    project: () => store.project(project.id).get(),
    agent: (persona = 'engineer') => store.agent(project.id, persona).get(),
    tasks: async () => (await store.tasks(project.id).get()).tasks,
  };
}

/**
 * The same, with what is asked of a project's life written down in `acts` instead of done: `dispatch <id>`,
 * `pause <id> <cause>: <detail>`.
 */
/** @param options.news whether the owner has said something, time after time */
export function createWorldAtRest(
  options: WorldOptions & { checks?: readonly GateCheck[]; news?: boolean[] } = {},
) {
  const note = (act: string) => void world.acts.push(act);
  const projectService = {
    dispatch: async (id: string) => note(`dispatch ${id}`),
    dispatchParent: async (id: string) => note(`dispatch parent of ${id}`),
    giveTurns: async () => note('give turns'),
    pauseFor: async (id: string, cause: string, detail: string) => note(`pause ${id} ${cause}: ${detail}`),
    checks: async () => options.checks ?? [],
    holdForAnswer: async () => null,
    hasNews: async () => options.news?.shift() ?? false,
  } as unknown as Services['projectService'];
  const world = createWorld({ ...options, services: { projectService, ...options.services } });
  return world;
}

const PERSONA = { name: 'engineer', version: '1', description: '', body: 'Work.', path: '/p' };

const GIT: Partial<GitManager> = {
  listFiles: async () => [],
  showFile: async () => null,
  fileIds: async () => new Map(),
  changedFiles: async () => ['a.ts'],
  log: async () => [],
  history: async () => [{ hash: HEAD, task: null, step: null, files: ['a.ts'], at: NOW }],
  diff: async () => '+ the work',
  head: async () => HEAD,
  branchHead: async () => HEAD,
  resolveCommit: async () => HEAD,
  treeHash: async () => 'tree',
  commitChanges: async () => null,
  validateWorktree: async () => true,
  createWorktree: async () => {},
  deleteWorktree: async () => {},
  holdsWork: async () => false,
};

function workspaceWith(run: (request: { command: string }) => Promise<object>): Partial<Workspace> {
  const tree = {
    folder: '/scratch',
    place: { worktree: '/scratch', gitDir: '/repo/.git' },
    run: async (request: { command: string }) => ({ result: await run(request), relative: 'output/1' }),
    restore: async () => [],
    write: async () => {},
    remove: async () => {},
  };
  return {
    scratchTree: async () => tree as never,
    sweepScratchTrees: async () => 0,
    removeScratchTrees: async () => {},
    agentSandbox: async () => ({ run }) as never,
    prepareWorktree: async () => null,
    cleanup: async () => {},
    forgetSetup: async () => undefined,
  };
}

/** Every call is written down; what is not there must not be asked for. */
function noted<T extends object>(name: string, note: (act: string) => void, methods: Partial<T>): T {
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
