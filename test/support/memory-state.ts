import type { AgentState } from '../../src/factory/model/agent.ts';
import type { QualityReport } from '../../src/factory/model/gates/gate-report.ts';
import type { Holder, JournalEntry, JournalRecord } from '../../src/factory/model/journal.ts';
import { financeState, providersFile } from '../../src/factory/model/money/finance.ts';
import { needsAttention, type Project } from '../../src/factory/model/project.ts';
import type { TalkEntry } from '../../src/factory/model/talk.ts';
import { type Task, taskList } from '../../src/factory/model/task.ts';
import {
  type DocumentStore,
  type Journal,
  LeaseLost,
  type StateStore,
  type TalkLog,
} from '../../src/factory/ports.ts';
import { DarkFactoryError } from '../../src/lib/failure.ts';
import { NOW, sampleAgent } from './samples.ts';

/** The state of projects in memory, with journals that refuse a writer that was overtaken, for tests of use cases. */
export interface MemoryState {
  store: StateStore;
  /** All entries of a journal of the first project, as they stand. */
  entries(persona: string): JournalEntry[];
  gates: QualityReport[];
}

/** @param agents of whichever project; the steps before their next one are over */
export function createMemoryState(
  projects: readonly Project[],
  agents: readonly AgentState[],
  tasks: readonly Task[] = [],
): MemoryState {
  const first = projects[0]?.id ?? '';
  const journals = new Map<string, JournalEntry[]>();
  const entriesOf = (key: string) => journals.get(key) ?? journals.set(key, []).get(key) ?? [];
  const over = new Map(agents.map((each) => [`${each.projectId}/${each.personaName}`, each.nextStep - 1]));
  const documents = new Map<string, unknown>([
    ['providers', providersFile.parse({ schemaVersion: 1, version: 1 })],
    ...projects.flatMap((each) => documentsOf(each, each.id === first ? tasks : [])),
    ...agents.map((each) => [`agent ${each.projectId}/${each.personaName}`, each] as const),
  ]);
  const read = (name: string) => {
    if (!documents.has(name)) throw new DarkFactoryError('not_found', 'project_not_found', name, '');
    return documents.get(name);
  };
  const document = <T>(name: string): DocumentStore<T> => ({
    get: async () => read(name) as T,
    async update(change) {
      const changed = change(read(name) as T);
      documents.set(name, changed);
      return changed;
    },
    async later(change) {
      documents.set(name, change(documents.get(name) as T));
    },
  });
  const gates: QualityReport[] = [];
  const talks = new Map<string, TalkEntry[]>();
  let outputs = 0;
  const store = {
    project: (id: string) => document<Project>(`project ${id}`),
    tasks: (id: string) => document(`tasks ${id}`),
    finance: (id: string) => document(`finance ${id}`),
    providers: () => document('providers'),
    agent(projectId: string, persona: string) {
      const name = `agent ${projectId}/${persona}`;
      if (!documents.has(name))
        documents.set(name, sampleAgent({ projectId, personaName: persona, nextStep: 1, epoch: 0 }));
      return document(name);
    },
    journal: (id: string, persona: string) =>
      journalOf(entriesOf(`${id}/${persona}`), over.get(`${id}/${persona}`) ?? 0),
    gates: () => ({
      list: async () => [...gates],
      save: async (report: QualityReport) => void gates.push(report),
    }),
    async newOutput(_id: string, label: string) {
      outputs += 1;
      return { file: `/out/${label}-${outputs}`, relative: `output/${label}-${outputs}` };
    },
    sealed: async () => null,
    readOutput: async () => 'said\n',
    saveOutput: async () => 'output/left.log',
    encryptOutputs: async () => {},
    talk: (id: string): TalkLog => {
      const said = talks.get(id) ?? [];
      talks.set(id, said);
      return {
        entries: async () => [...said],
        append: async (decide) => void said.push(...decide([...said])),
      };
    },
    costs: () => ({ readAll: async () => [], append: async () => {}, write: async () => {} }),
    listOpenProjects: async () =>
      projects.map(({ id }) => documents.get(`project ${id}`) as Project).filter(needsAttention),
    projectFolder: (id: string) => `/state/${id}`,
  };
  return {
    store: store as unknown as StateStore,
    entries: (persona) => entriesOf(`${first}/${persona}`),
    gates,
  };
}

function documentsOf({ id: projectId, ...project }: Project, tasks: readonly Task[]): [string, unknown][] {
  const stamp = { schemaVersion: 1, version: 1, projectId };
  return [
    [`project ${projectId}`, { id: projectId, ...project }],
    [`tasks ${projectId}`, taskList.parse({ ...stamp, tasks })],
    [`finance ${projectId}`, financeState.parse({ ...stamp, pollingInterval: 1_000 })],
  ];
}

/** @param over the last step that is over without an entry of it */
function journalOf(entries: JournalEntry[], over: number): Journal {
  const newest = () => Math.max(0, ...entries.map(({ epoch }) => epoch));
  return {
    known: () => null,
    entries: async () => [...entries],
    async lease(step: number, holder: Holder) {
      const done = entries.reduce((last, each) => (each.type === 'step_done' ? each.step : last), over);
      if (step !== done + 1) return null;
      const epoch = newest() + 1;
      const stamp = { at: NOW.toISOString(), epoch, step };
      entries.push({ ...stamp, type: 'lease', holder });
      const check = async () => {
        if (newest() !== epoch) throw new LeaseLost(`lease ${epoch} was overtaken`);
      };
      const append = async (...records: JournalRecord[]) => {
        await check();
        entries.push(...records.map((record) => ({ ...stamp, ...record })));
      };
      return { epoch, step, check, append, write: append };
    },
  };
}
