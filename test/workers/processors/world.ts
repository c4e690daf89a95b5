import { createMemoryCache } from '../../../src/factory/agent/memory/memory-cache.ts';
import { config } from '../../../src/factory/config/config.ts';
import { createProjectService } from '../../../src/factory/lifecycle/project-service.ts';
import type { AgentState } from '../../../src/factory/model/agent.ts';
import type { AssistantMessage } from '../../../src/factory/model/message.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { CommandRequest, GitManager, PaidCall, PaidOutcome } from '../../../src/factory/ports.ts';
import { noLog } from '../../../src/lib/log.ts';
import type { NextJob } from '../../../src/queues/jobs/catalogue.ts';
import type { Services } from '../../../src/services.ts';
import type { JobContext } from '../../../src/workers/steps/processor.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { NOW, sampleAgent, sampleProject } from '../../support/samples.ts';

export const HEAD = 'd'.repeat(40);

/** What the model answers: text, calls with their arguments, or how the call ended instead. */
export type Answer = string | [name: string, args: object][] | Exclude<PaidOutcome, { kind: 'reply' }>;

export interface WorldOptions {
  project?: Partial<Project>;
  agents?: readonly AgentState[];
  answer?(call: PaidCall): Answer;
  /** Exit code of a command. */
  command?(request: Pick<CommandRequest, 'command'>): number;
  git?: Partial<GitManager>;
}

/** One project with all that a processor asks of the services, in memory: no Redis, git, sandbox or disk. */
export function createWorld(options: WorldOptions = {}) {
  const project = sampleProject({
    settings: { commands: { test: 'true' }, allowGateChanges: false },
    ...options.project,
  });
  const agents = options.agents ?? [sampleAgent({ nextStep: 1, epoch: 0 })];
  const { store, entries, gates } = createMemoryState(project, agents);
  const jobs: NextJob[] = [];
  const events: { type: string; message: string }[] = [];
  const asked: PaidCall[] = [];
  const booked: string[] = [];
  const cut = new AbortController();
  const settings = config.parse({});
  const queue = {
    enqueue: async (...added: NextJob[]) => void jobs.push(...added),
    hasten: async (...added: NextJob[]) => void jobs.push(...added),
    missing: async () => [],
    isAtWork: async () => null,
  };
  const record = async (event: { type: string; message: string }) => void events.push(event);
  const finance = {
    async complete(call: PaidCall): Promise<PaidOutcome> {
      asked.push(call);
      const answer = options.answer?.(call) ?? 'Done.';
      if (typeof answer === 'object' && !Array.isArray(answer)) return answer;
      const about = { requestId: `r${asked.length}`, provider: 'judge', model: 'm' };
      await call.opened({ ...about, operation: call.operation, reserved: 1 });
      const usage = { input: 1, cacheWrite: 0, cacheRead: 0, output: 1 };
      const message = messageOf(answer, about.requestId);
      const stop = typeof answer === 'string' ? ('end' as const) : ('tool_calls' as const);
      await call.replied({ ...about, message, usage, cost: 0.25, stop, limit: 1_000 });
      return {
        kind: 'reply',
        reply: { ok: true, message, usage, stop },
        provider: {} as never,
        cost: 0.25,
        requestId: about.requestId,
      };
    },
    bookLost: async (_id: string, { requestId }: { requestId: string }) =>
      void booked.push(`lost ${requestId}`),
    bookReply: async (_id: string, { requestId }: { requestId: string }) => void booked.push(requestId),
    probeSchedule: async () => [{ providerId: 'main', delay: 5 }],
    wakeUps: async (waiting: { projectId: string }[]) =>
      waiting.map(({ projectId }) => ({ projectId, delay: 0 })),
    noteProbe: async () => {},
    squeezed: async () => {},
  };
  const git = {
    listFiles: async () => [],
    showFile: async () => null,
    fileIds: async () => new Map(),
    changedFiles: async () => ['a.ts'],
    log: async () => [],
    history: async () => [{ hash: HEAD, task: null, files: ['a.ts'], at: NOW }],
    diff: async () => '+ the work',
    head: async () => HEAD,
    branchHead: async () => HEAD,
    resolveCommit: async () => HEAD,
    treeHash: async () => 'tree',
    commitChanges: async () => null,
    ...options.git,
  };
  const run = async (request: Pick<CommandRequest, 'command'>) => ({
    exitCode: options.command?.(request) ?? 0,
    ...{ ended: 'exit', durationMs: 1, output: 'ran', outputBytes: 3, truncated: false, outputHash: '0' },
  });
  const tree = {
    folder: '/scratch',
    place: { worktree: '/scratch', gitDir: '/repo/.git' },
    run: async (request: { command: string }) => ({ result: await run(request), relative: 'output/1' }),
    restore: async () => [],
    write: async () => {},
    remove: async () => {},
  };
  const loadPersona = async () => ({
    name: 'engineer',
    version: '1',
    description: '',
    body: 'Work.',
    path: '/p',
  });
  const projectService = createProjectService({
    state: store,
    git,
    config: settings,
    now: () => NOW,
    queue: async () => queue,
    finance: async () => finance,
    record,
    loadPersona,
  } as never);
  const services = {
    ...{
      state: store,
      git,
      projectService,
      record,
      config: settings,
      log: noLog,
      memories: createMemoryCache(),
    },
    home: { data: '/nowhere' },
    clock: { now: () => NOW },
    finance: async () => finance,
    queues: async () => queue,
    sandbox: async () => ({ run, name: 'fake' }),
    workspace: {
      scratchTree: async () => tree,
      sweepScratchTrees: async () => 0,
      agentSandbox: async () => ({ run }),
    },
    holder: async () => ({ host: 'here', pid: 1, startedAt: '1' }),
    liveness: async () => 'dead',
    openLease: async (_id: string, persona: string) => {
      const last = entries(persona).at(-1);
      if (last === undefined || last.type === 'step_done' || last.type === 'released') return null;
      return { epoch: last.epoch, holder: 'dead', job: undefined };
    },
    isolated: <T>(work: () => Promise<T>) => work(),
    recordAll: async () => {},
  };
  const context: JobContext = {
    services: services as unknown as Services,
    job: 'queue/1',
    signal: cut.signal,
    log: () => {},
  };
  return {
    ...{ context, jobs, events, asked, booked, entries, gates, cut, finance },
    state: store,
    project: () => store.project(project.id).get(),
    agent: (persona = 'engineer') => store.agent(project.id, persona).get(),
    tasks: async () => (await store.tasks(project.id).get()).tasks,
  };
}

function messageOf(answer: string | [name: string, args: object][], id: string): AssistantMessage {
  if (typeof answer === 'string') return { role: 'assistant', parts: [{ type: 'text', text: answer }] };
  const parts = answer.map(([name, args], index) => ({
    ...{ type: 'tool_call' as const, id: `${id}-${index}`, name },
    arguments: JSON.stringify(args),
  }));
  return { role: 'assistant', parts };
}
