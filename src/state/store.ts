/** The state of all projects, in files below the home. */
import { join } from 'node:path';
import type * as z from 'zod';
import { type AgentState, agentState } from '../factory/model/agent.ts';
import { factoryEvent } from '../factory/model/event.ts';

import { costEntry, type FinanceState, financeState } from '../factory/model/money/finance.ts';
import { type Project, project as projectSchema } from '../factory/model/project.ts';
import { type TaskList, taskList } from '../factory/model/task.ts';
import type { DocumentStore, Journal, NewProjectFiles, StateStore } from '../factory/ports.ts';
import type { Soon } from '../lib/async/soon.ts';
import type { Clock } from '../lib/clock.ts';
import { DarkFactoryError } from '../lib/failure.ts';
import { newUuid } from '../lib/ids.ts';
import { createRecent } from '../lib/lru.ts';
import { createProcesses, type Processes } from '../lib/process/process.ts';
import { createDocument, type DocumentOptions } from './documents/document.ts';
import { createFreezer } from './documents/freeze.ts';
import { createHomeDocuments } from './documents/home-documents.ts';
import { newDocument } from './documents/new-document.ts';
import { createReports, reportFile } from './documents/reports.ts';
import { addFile, fileKey, makeFolder, unreadable } from './files/files.ts';
import { clearDeadLocks, createLocks, type LockTimings } from './files/lock.ts';
import type { Home } from './home/home.ts';
import { eventChain } from './logs/event-chain.ts';
import { asWritten } from './logs/event-line.ts';
import { createJournal } from './logs/journal.ts';
import { createLog } from './logs/log-store.ts';
import { createTalkLog } from './logs/talk.ts';
import { finishTogetherIfPossible } from './projects/appear-together.ts';
import { agentFile, firstDocuments } from './projects/first-documents.ts';
import { inherited } from './projects/inherit.ts';
import { newOutput, readOutput, saveOutput, shareOutputs } from './projects/outputs.ts';
import { makeProjectFolders } from './projects/project-folders.ts';
import { createProjectList, PROJECT_ID, projectNotFound } from './projects/project-list.ts';
import { readSealed, SEALED_FOLDER, writeSealed } from './projects/sealed.ts';
import { createPrivacy, type Privacy } from './secrets/privacy.ts';
import { encryptLeftOvers } from './secrets/private-outputs.ts';
import { createMasterKey } from './secrets/vault.ts';

export interface StateStoreDeps {
  home: Home;
  clock: Clock;
  processes?: Processes;
  lockTimings?: Partial<LockTimings>;
  /** Default: nothing is encrypted; what was is read with the home's master.key. */
  privacy?: Privacy;
  /** When that is written which may wait for a moment. Default: at once. */
  soon?: Pick<Soon, 'ask'>;
}

/** Parsed project.yaml files kept in memory; a worker looks at every open one again and again. */
const KEPT_PROJECTS = 5_000;
/** Other documents, logs and journals kept, each; a journal can have megabytes. */
const KEPT_OTHERS = 256;
const KEPT_JOURNALS = 96;

export function createStateStore(deps: StateStoreDeps): StateStore {
  const { home } = deps;
  const locks = createLocks(deps.processes ?? createProcesses(), deps.lockTimings);
  const privacy = deps.privacy ?? noPrivacy(home);
  const soon = deps.soon === undefined ? {} : { soon: deps.soon };
  const folders = { ...deps, locks };
  const base = { locks, freeze: createFreezer(), clock: deps.clock, privacy, ...soon };

  function folderOf(id: string): string {
    return join(home.projects, idOnly(id));
  }

  function document<T extends { version: number }>(
    id: string,
    name: string,
    schema: z.ZodType<T>,
    more: Partial<DocumentOptions<T>> = {},
  ): DocumentStore<T> {
    const file = join(folderOf(id), name);
    return createDocument(base, { file, schema, missing: () => missingIn(id, home, file), ...more });
  }

  const projects = createRecent(KEPT_PROJECTS, (id) =>
    document<Project>(id, 'project.yaml', projectSchema, {
      kind: 'project',
      aroundWrite: (previous, write) => list.aroundWrite(previous, write),
    }),
  );
  const list = createProjectList({
    projects: home.projects,
    indexFile: join(home.data, 'projects.index'),
    locks,
    read: (id) => projects.memo(id).get(),
    complete: () => finishTogetherIfPossible(folders),
    forget: (id) => projects.delete(id),
  });
  const tasks = createRecent(KEPT_OTHERS, (id) =>
    document<TaskList>(id, 'tasks.yaml', taskList, { kind: 'tasks', list: 'tasks' }),
  );
  const finances = createRecent(KEPT_OTHERS, (id) =>
    document<FinanceState>(id, 'finance.yaml', financeState, { kind: 'finance' }),
  );
  const agents = createRecent(KEPT_OTHERS, (key) => {
    const [id = '', persona = ''] = key.split('/');
    return document<AgentState>(id, agentFile(persona, 'yaml'), agentState, {
      kind: 'agent',
      missing: async () => ((await isThere(folderOf(id))) ? noAgent(id, persona) : projectNotFound(id)),
    });
  });
  const journals = createRecent<Journal>(KEPT_JOURNALS, (key) => {
    const [id = '', persona = ''] = key.split('/');
    return createJournal(base, join(folderOf(id), agentFile(persona, 'jsonl')), () => projectNotFound(id));
  });
  const talks = createRecent(KEPT_OTHERS, (id) =>
    createTalkLog(base, {
      file: join(folderOf(id), 'talk.jsonl'),
      privacy,
      missing: () => projectNotFound(id),
    }),
  );
  const costs = createRecent(KEPT_OTHERS, (id) =>
    createLog(base, {
      file: join(folderOf(id), 'costs.jsonl'),
      schema: costEntry,
      missing: () => projectNotFound(id),
    }),
  );
  const events = createRecent(KEPT_OTHERS, (id) => {
    const log = createLog(base, {
      file: join(folderOf(id), 'events.jsonl'),
      schema: factoryEvent,
      chain: eventChain(folderOf(id), id),
      missing: () => projectNotFound(id),
    });
    return asWritten(log, privacy.on);
  });
  const reports = createRecent(KEPT_OTHERS, (id) =>
    createReports(join(folderOf(id), 'gates'), base, () => projectNotFound(id)),
  );
  const ofHome = createHomeDocuments(base, home);

  return {
    createProject: async (project, agentStates, finance, sealed = []) =>
      makeProjectFolders(folders, [filesOf({ project, agents: agentStates, finance, sealed })]),
    createProjects: async (several) => makeProjectFolders(folders, several.map(filesOf)),
    async createChild(parentId, { project, agents, finance, tasks: list, reports }) {
      const files = firstDocuments(project, agents, finance, list);
      const personas = agents.map(({ personaName }) => personaName);
      for (const [name, file] of await inherited(folderOf(parentId), personas)) files.set(name, file);
      for (const report of reports) {
        const [name, data] = await reportFile(report, privacy);
        files.set(join('gates', name), data);
      }
      await makeProjectFolders(folders, [{ id: project.id, files }]);
    },
    async addAgent(agent) {
      const name = agentFile(agent.personaName, 'yaml');
      const file = join(folderOf(agent.projectId), name);
      await addFile(file, newDocument(name, agentState, agent), `${file}.${newUuid()}.tmp`);
    },
    shareOutputs: async (fromId, toId) => shareOutputs(folderOf(fromId), folderOf(toId)),
    sealed: async (id) => readSealed(folderOf(id)),
    writeSealed: async (id, path, content) => writeSealed(folderOf(id), path, content),
    project: (id) => projects.memo(id),
    tasks: (id) => tasks.memo(id),
    finance: (id) => finances.memo(id),
    agent: (id, persona) => agents.memo(agentKey(id, persona)),
    journal: (id, persona) => journals.memo(agentKey(id, persona)),
    talk: (id) => talks.memo(id),
    costs: (id) => costs.memo(id),
    events: (id) => events.memo(id),
    gates: (id) => reports.memo(id),
    newOutput: async (id, label) => newOutput(privacy, folderOf(id), label, deps.clock.now()),
    saveOutput: async (id, label, text) => saveOutput(privacy, folderOf(id), label, text, deps.clock.now()),
    encryptOutputs: async (id) => encryptLeftOvers(privacy, join(folderOf(id), 'output')),
    readOutput: async (id, relative) => readOutput(privacy, folderOf(id), relative),
    oneAtATime: (name, work) => makeFolder(home.data).then(() => locks.withLock(join(home.data, name), work)),
    listProjects: list.listProjects,
    listSummaries: list.listSummaries,
    listOpenProjects: list.listOpenProjects,
    resolveProject: list.resolveProject,
    tidyProject: async (id) => clearDeadLocks(folderOf(id), locks),
    ...ofHome,
    worktreePath: (id) => join(home.worktrees, idOnly(id)),
    projectFolder: folderOf,
  };
}

/** What the folder of a new project holds. */
function filesOf({ project, agents, finance, sealed = [] }: NewProjectFiles) {
  const files = firstDocuments(project, agents, finance);
  for (const { path, executable, content } of sealed)
    files.set(join(SEALED_FOLDER, path), executable ? { data: content, executable } : content);
  return { id: project.id, files };
}

function noPrivacy(home: Home): Privacy {
  const masterKey = createMasterKey({ home: home.root, env: {} });
  return createPrivacy({ encrypt: false, masterKey, longestCommand: 0 });
}

/** Ids come from people and from jobs; anything but an id would be a path. */
function idOnly(id: string): string {
  if (PROJECT_ID.test(id)) return id;
  throw projectNotFound(id);
}

/** One key for both; neither part can hold the slash. Throws `not_found` for what is no id or no persona's name. */
function agentKey(id: string, persona: string): string {
  agentFile(persona, 'yaml');
  return `${idOnly(id)}/${persona}`;
}

/** No project at all, or one of which a file is gone: that is damage. */
async function missingIn(id: string, home: Home, file: string): Promise<DarkFactoryError> {
  // A project appears whole: one whose file is there by now was not there when the file was looked for.
  if (!(await isThere(join(home.projects, id))) || (await isThere(file))) return projectNotFound(id);
  return unreadable(file, 'it is missing', `Put a copy of it back, or remove the project ${id}.`);
}

async function isThere(path: string): Promise<boolean> {
  return fileKey(path) !== null;
}

function noAgent(id: string, persona: string): DarkFactoryError {
  return new DarkFactoryError(
    'not_found',
    'persona_not_found',
    `Project ${id} has no persona "${persona}".`,
    `See df status ${id.slice(0, 8)}.`,
  );
}
