import type { AgentState } from '../../src/factory/model/agent.ts';
import { financeState, providersFile } from '../../src/factory/model/finance.ts';
import type { QualityReport } from '../../src/factory/model/gate-report.ts';
import type { Holder, JournalEntry } from '../../src/factory/model/journal.ts';
import { needsAttention, type Project } from '../../src/factory/model/project.ts';
import { taskList } from '../../src/factory/model/task.ts';
import { type DocumentStore, type Journal, LeaseLost, type StateStore } from '../../src/factory/ports.ts';
import { NOW, sampleAgent } from './samples.ts';

/** The state of one project in memory, with journals that refuse a writer that was overtaken, for tests of use cases. */
export interface MemoryState {
  store: StateStore;
  /** All entries of a journal, as they stand. */
  entries(persona: string): JournalEntry[];
  gates: QualityReport[];
}

export function createMemoryState(project: Project, agents: readonly AgentState[]): MemoryState {
  const journals = new Map<string, JournalEntry[]>();
  const entries = (persona: string) => journals.get(persona) ?? journals.set(persona, []).get(persona) ?? [];
  const documents = new Map<string, unknown>([
    ['project', project],
    ['tasks', taskList.parse({ schemaVersion: 1, version: 1, projectId: project.id })],
    [
      'finance',
      financeState.parse({ schemaVersion: 1, version: 1, projectId: project.id, pollingInterval: 1_000 }),
    ],
    ['providers', providersFile.parse({ schemaVersion: 1, version: 1 })],
    ...agents.map((agent) => [`agent/${agent.personaName}`, agent] as const),
  ]);
  const document = <T>(name: string): DocumentStore<T> => ({
    async get() {
      return documents.get(name) as T;
    },
    async update(change) {
      const changed = change(documents.get(name) as T);
      documents.set(name, changed);
      return changed;
    },
  });
  const gates: QualityReport[] = [];
  let outputs = 0;
  const store = {
    project: () => document<Project>('project'),
    tasks: () => document('tasks'),
    finance: () => document('finance'),
    providers: () => document('providers'),
    agent(_id: string, persona: string) {
      const name = `agent/${persona}`;
      if (!documents.has(name))
        documents.set(name, sampleAgent({ personaName: persona, nextStep: 1, epoch: 0 }));
      return document(name);
    },
    journal: (_id: string, persona: string) => journalOf(entries(persona)),
    gates: () => ({
      list: async () => gates,
      save: async (report: QualityReport) => void gates.push(report),
    }),
    async newOutput(_id: string, label: string) {
      outputs += 1;
      return { file: `/out/${label}-${outputs}`, relative: `output/${label}-${outputs}` };
    },
    costs: () => ({ readAll: async () => [], append: async () => {} }),
    listOpenProjects: async () => [documents.get('project') as Project].filter(needsAttention),
    projectFolder: (id: string) => `/state/${id}`,
  };
  return { store: store as unknown as StateStore, entries, gates };
}

function journalOf(entries: JournalEntry[]): Journal {
  const newest = () => Math.max(0, ...entries.map(({ epoch }) => epoch));
  return {
    entries: async () => [...entries],
    async lease(step: number, holder: Holder) {
      const done = entries.reduce((last, each) => (each.type === 'step_done' ? each.step : last), 0);
      if (step !== done + 1) return null;
      const epoch = newest() + 1;
      const stamp = { at: NOW.toISOString(), epoch, step };
      entries.push({ ...stamp, type: 'lease', holder });
      const check = async () => {
        if (newest() !== epoch) throw new LeaseLost(`lease ${epoch} was overtaken`);
      };
      return {
        epoch,
        step,
        check,
        async append(...records) {
          await check();
          entries.push(...records.map((record) => ({ ...stamp, ...record })));
        },
      };
    },
  };
}
