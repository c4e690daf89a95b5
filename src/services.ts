/**
 * The composition root: the environment in, every service out. Whatever is heavy or may be missing on this machine (Redis,
 * the sandbox, the vendors' SDKs) is opened at its first use, so that `df list` pays for none of it.
 */

import { createMemoryCache, type MemoryCache } from './factory/agent/memory/memory-cache.ts';
import type { Config } from './factory/config/config.ts';
import type { ProjectService } from './factory/lifecycle/project-service.ts';
import type { NewEvent, TimedEvent } from './factory/model/event.ts';
import type { Project } from './factory/model/project.ts';
import { OWNER } from './factory/model/task.ts';
import type { Notifications } from './factory/notifications/types.ts';
import type {
  EmergencyStop,
  FinanceManager,
  GitManager,
  KeyVault,
  Perform,
  StateStore,
  Workspace,
} from './factory/ports.ts';
import { lazily } from './lib/async/lazily.ts';
import { once } from './lib/async/once.ts';
import { createSoon } from './lib/async/soon.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { newUuid } from './lib/ids.ts';
import { createLog, type Log } from './lib/log.ts';
import { createSlots, type InFreeSlot } from './lib/locks/slots.ts';
import { createProcesses } from './lib/process/process.ts';
import { type Connections, openConnections } from './queues/connections.ts';
import type { RedisRole } from './queues/redis/redis.ts';
import type { HostSandbox } from './sandbox/sandbox.ts';
import { type OpenForge, openForgesLater } from './services/forges.ts';
import { type Leases, openLeases } from './services/leases.ts';
import { type Managers, managersFor } from './services/managers.ts';
import type { Rehearsals } from './services/rehearsals.ts';
import { type Home, openHome } from './state/home/home.ts';
import { createIsolation, type Isolated } from './state/home/isolation.ts';
import { presenceOf } from './state/home/presence.ts';
import { createRunningUps, type RunningUps } from './state/home/running-up.ts';
import { createEmergencyStop } from './state/home/stop-file.ts';
import { type FactoryLogs, openFactoryLogs } from './state/logs/factory-logs.ts';
import { createLaterRecorder, createRecorder, tellStaleLock } from './state/logs/recorder.ts';
import { createPersonaLibrary, type PersonaLibrary } from './state/personas.ts';
import { openOutboxes } from './state/projects/outbox.ts';
import { encryptingOutputs } from './state/projects/outputs.ts';
import { createPrivacy } from './state/secrets/privacy.ts';
import { createKeyVault, createMasterKey } from './state/secrets/vault.ts';
import { createStateStore } from './state/store.ts';

export interface ServicesOptions {
  /** `worker`: patient with Redis. `producer` (default): somebody waits at a terminal. */
  role?: RedisRole;
  env?: NodeJS.ProcessEnv;
  /** Does jobs in this process. Missing: nobody may ask for a method that does work itself. */
  perform?: Perform;
  /** Is told what its caller should know of what was done all the same. Default: the program's log. */
  onNote?(text: string): void;
}

export interface Services extends Omit<Connections, 'close'>, Managers, Leases {
  /** The same in another's name. */
  inNameOf(by: string): Managers;
  home: Home;
  config: Config;
  /** Unknown keys of config.yaml, one sentence each. */
  configWarnings: readonly string[];
  clock: Clock;
  log: Log;
  state: StateStore;
  emergencyStop: EmergencyStop;
  vault: KeyVault;
  git: GitManager;
  openForge: OpenForge;
  personas: PersonaLibrary;
  projectService: ProjectService;
  /** Conversations held by this process. */
  memories: MemoryCache;
  /** Throws `environment`/`sandbox_missing`. */
  sandbox(): Promise<HostSandbox>;
  workspace: Workspace;
  /** Places for rehearsals of a night. */
  rehearsals: Rehearsals;
  finance(): Promise<FinanceManager>;
  /** Telling the owner what happened, as config.yaml says. */
  notifications(): Promise<Notifications>;
  /** USD spent on each provider by its id, from all ledgers, all or since then; Redis is not needed. Throws when one cannot be read. */
  spentByProvider(since?: Date): Promise<Map<string, number>>;
  /** Adds to the project's audit log, or with `factory` as its id to `factoryEvents`. */
  record(event: NewEvent): Promise<void>;
  factoryEvents: FactoryLogs['events'];
  /** The same for events that a journal tells of as well: at leisure, and in the program's log for debugging. */
  recordLater(event: TimedEvent): void;
  inFreeSlot: InFreeSlot;
  isolated: Isolated;
  runningUps: RunningUps;
  close(): Promise<void>;
}

/** What can be told again from elsewhere stands in its file after so many milliseconds. */
const WRITTEN_WITHIN_MS = 1_000;

/** Throws `usage` errors for a config.yaml or home that cannot be used. Nothing is made or started yet. */
export async function createServices(options: ServicesOptions = {}): Promise<Services> {
  const { role = 'producer', env = process.env } = options;
  const { home, config, warnings } = await openHome(env);
  const path = env['PATH'] ?? '';
  const clock = systemClock;
  const now = () => clock.now();
  const log = createLog({ folder: home.logs, level: config.logLevel, now });
  const processes = createProcesses();
  const inFreeSlot = createSlots(processes);
  const masterKey = createMasterKey({ home: home.root, env });
  const longestCommand = Math.max(config.sandbox.commandTimeout, config.gates.timeout);
  const privacy = createPrivacy({ ...config.privacy, masterKey, longestCommand });
  const soon = createSoon(WRITTEN_WITHIN_MS, (error) =>
    log.error({ err: error }, 'figures were not written; the next ones will be'),
  );
  const state = createStateStore({ home, clock, processes, privacy, soon });
  const emergencyStop = createEmergencyStop(home, clock);
  const factoryLogs = openFactoryLogs(home, { clock, processes, encrypt: privacy.on });
  const git = lazily<GitManager>(async () => {
    const { createGitManager } = await import('./git/manager.ts');
    return createGitManager({
      ...{ env, secrets: config.secrets, signing: config.git },
      onNote: (text) => log.warn({}, text),
      onStaleLock: (file) => tellStaleLock(file, record, log),
    });
  });
  const vault = createKeyVault({ home: home.root, env });
  const personas = createPersonaLibrary({ home: home.personas });
  const record = createRecorder({ state, factoryLogs, log, now, encrypt: privacy.on });
  const later = createLaterRecorder({ state, log, encrypt: privacy.on });
  const connections = openConnections({
    home,
    config,
    env,
    role,
    onProblem: (message) => log.warn({}, message),
  });
  const sandbox = once(async () => {
    const { createSandbox } = await import('./sandbox/sandbox.ts');
    const whose = { home: home.root, hidden: [home.root, home.data], gitSettings: await git.ownSettings() };
    return encryptingOutputs(await createSandbox({ ...whose, config: config.sandbox, hostEnv: env }), {
      privacy,
      projects: home.projects,
      onProblem: (error) => log.error({ err: error }, 'an output is still in clear'),
    });
  });
  const treeDeps = { git, sandbox, config, home, clock, processes, path };
  const workspace = lazily<Workspace>(async () =>
    (await import('./services/trees.ts')).openWorkspace({ ...treeDeps, state, record }),
  );
  const rehearsals = lazily<Rehearsals>(async () =>
    (await import('./services/rehearsals.ts')).createRehearsals(treeDeps),
  );
  const openForge = openForgesLater({ vault, now });
  const money = once(async () => {
    const { openFinance } = await import('./services/money.ts');
    const [redis, prefix] = await Promise.all([connections.redis(), connections.queuePrefix()]);
    return openFinance(
      { home, config, state, vault, clock, log, record, emergencyStop },
      factoryLogs,
      redis,
      `${prefix}:meter:`,
    );
  });
  const deps = {
    state,
    git,
    config,
    now,
    newId: newUuid,
    record,
    queue: connections.queues,
    finance: async () => (await money()).manager,
    soon,
    loadPersona: (repository: string, name: string, path?: string) =>
      path === undefined ? personas.load(repository, name) : personas.validate(path, name),
  };
  const giveTurns = async (open?: readonly Project[]) =>
    (await import('./factory/backlog/give-turns.ts')).giveTurns(deps, open);
  const projectService = lazily<ProjectService>(async () =>
    (await import('./factory/lifecycle/project-service.ts')).createProjectService({ ...deps, giveTurns }),
  );
  const spentByProvider: Services['spentByProvider'] = async (since) =>
    (await import('./budget-meter/ledger-facts.ts')).sumByProvider(
      { state, factoryCosts: factoryLogs.costs },
      since,
    );
  const leases = openLeases(state, processes, privacy);
  const inNameOf = managersFor({
    ...{ ...deps, clock, personas, projectService, ...leases, giveTurns, recordLater: later.record },
    ...{ openForge, vault },
    perform: options.perform,
    absences: () => presenceOf({ home, clock }).absences(),
    money: {
      ...{ home, vault, log, spentByProvider },
      factoryCosts: factoryLogs.costs,
      meter: async () => (await money()).meter,
      manager: deps.finance,
      onNote: options.onNote ?? ((text) => log.warn({}, text)),
    },
  });
  return {
    home,
    config,
    configWarnings: warnings,
    clock,
    log,
    state,
    emergencyStop,
    vault,
    git,
    openForge,
    personas,
    ...inNameOf(OWNER),
    inNameOf,
    projectService,
    memories: createMemoryCache(),
    sandbox,
    workspace,
    rehearsals,
    ...connections,
    finance: deps.finance,
    notifications: once(async () => {
      const { openNotifications } = await import('./notify/open.ts');
      const boxes = openOutboxes(home, processes, factoryLogs.events);
      return openNotifications({ ...deps, env, home, vault, log, boxes });
    }),
    spentByProvider,
    record,
    recordLater: later.record,
    factoryEvents: factoryLogs.events,
    ...leases,
    inFreeSlot,
    isolated: createIsolation(home, inFreeSlot),
    runningUps: createRunningUps(home, processes),
    async close() {
      await soon.flush();
      await later.flush();
      await (await money.made())?.manager.close();
      await connections.close();
      (await sandbox.made())?.close();
      await log.close();
    },
  };
}
