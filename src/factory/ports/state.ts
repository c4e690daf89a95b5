import type { TokensFile } from '../model/access.ts';
import type { AgentState } from '../model/agent.ts';
import type { FactoryEvent } from '../model/event.ts';
import type { ForgesFile } from '../model/forge/forge.ts';
import type { QualityReport } from '../model/gates/gate-report.ts';
import type { Holder, JournalEntry, JournalRecord } from '../model/journal.ts';
import type { CostEntry, FinanceState, ProvidersFile } from '../model/money/finance.ts';
import type { Project } from '../model/project.ts';
import type { SchedulesFile } from '../model/schedule.ts';
import type { SealedFile } from '../model/sealing/sealed.ts';
import type { TalkEntry } from '../model/talk.ts';
import type { TaskList } from '../model/task.ts';
import type { Waiting } from '../model/waiting.ts';

/** A document: read whole, replaced whole, never torn, never updated by two writers at once. */
export interface DocumentStore<T> {
  /** Throws `not_found` when there is none, `environment`/`state_unreadable` when it is torn, forged or too large. */
  get(): Promise<T>;
  /**
   * Reads, changes and replaces under the document's lock; `version` counts up by one. Returning the same object
   * (by identity) writes nothing. The change must be pure: it may be asked again. A DarkFactoryError thrown by it leaves
   * the document as it was. One that looks elsewhere first is waited for, with the lock held.
   */
  update(change: (current: T) => T | Promise<T>): Promise<T>;
  /**
   * The same for what can be told again from elsewhere (figures, marks of activity): this process sees it when the promise
   * resolves, the file has it within a second, or with the next update. A process that is killed takes it along.
   */
  later(change: (current: T) => T): Promise<unknown>;
}

/** An append-only log, one JSON object a line. */
export interface LogStore<T> {
  /**
   * On disk (fsync) when the promise resolves, with all before it; without entries those before it alone. Several entries are one
   * write: all or a torn tail that reading drops.
   */
  append(...entries: T[]): Promise<void>;
  /** The same, but for a power cut: that may take them until something is appended. */
  write(...entries: T[]): Promise<void>;
  readAll(): Promise<T[]>;
}

/** What owner and agents said to each other. Encrypted where journals are. */
export interface TalkLog {
  entries(): Promise<readonly TalkEntry[]>;
  /** Adds what `decide` makes of all that stands there, with the log held. A DarkFactoryError that it throws adds nothing. */
  append(decide: (there: readonly TalkEntry[]) => readonly TalkEntry[]): Promise<void>;
}

/** What stands in a log from some byte on. */
export interface Piece<T> {
  entries: T[];
  /** Where each of them ends, in bytes. */
  ends: number[];
  /** Where to go on. */
  offset: number;
}

/** An agent's journal, bound to one lease. Every entry is stamped with time, epoch and step. */
export interface JournalWriter {
  readonly epoch: number;
  readonly step: number;
  /** Throws `LeaseLost` when a newer lease stands in the journal; nothing is written then. Durable when resolved. */
  append(...records: JournalRecord[]): Promise<void>;
  /** The same, but for a power cut: that may take them until something is appended or the lease is checked. */
  write(...records: JournalRecord[]): Promise<void>;
  /**
   * Throws `LeaseLost` when a newer lease stands in the journal: asked before every effect outside the journal. What was written
   * before is on disk when it resolves.
   */
  check(): Promise<void>;
}

export interface Journal {
  /** All entries that count, in order. Cached by file length: a further read parses only what was added. */
  entries(): Promise<readonly JournalEntry[]>;
  /** The same where this process has them in memory and the file is unchanged; else `null`. Reads nothing. */
  known(): readonly JournalEntry[] | null;
  /**
   * Takes the lease for `step`: epoch = newest + 1, exclusive across processes and machines.
   * @returns `null` when `step` is already done (or is not the next one): somebody else took it.
   */
  lease(step: number, holder: Holder): Promise<JournalWriter | null>;
}

/** The worker that asks was overtaken: its effects no longer count. The step's processor ends quietly. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** What a list of projects shows of each; found much faster than the whole. */
export type ProjectSummary = Pick<
  Project,
  | (
      | 'id'
      | 'name'
      | 'status'
      | 'stopped'
      | 'createdAt'
      | 'updatedAt'
      | 'totalCost'
      | 'workBranch'
      | 'repository'
    )
  | ('parentProjectId' | 'taskCounts' | 'statusReason' | 'activeMs')
> & {
  /** Its figures are not final: it is at work, or has branches that may be. */
  moves: boolean;
  /** Where it can be read at a forge. */
  published?: string | undefined;
  /** It could not be published. */
  unpublished?: true | undefined;
  /** Why it has not begun yet. */
  waiting?: Pick<Waiting, 'for' | 'detail'> | undefined;
  /** Of those that wait for their turn: whose is smaller comes first. */
  turnOrder?: number | undefined;
};

export interface UnreadableProject {
  id: string;
  problem: string;
}

/** The first documents of a project. */
export interface NewProjectFiles {
  project: Project;
  agents: readonly AgentState[];
  finance: FinanceState;
  /** The owner's acceptance tests. */
  sealed?: readonly SealedFile[];
}

/** The first documents of a child project. */
export interface NewChild {
  project: Project;
  agents: readonly AgentState[];
  finance: FinanceState;
  tasks: TaskList;
  reports: readonly QualityReport[];
}

export interface StateStore {
  /** Makes the project's folder with all its first documents, whole or not at all. */
  createProject(
    project: Project,
    agents: readonly AgentState[],
    finance: FinanceState,
    sealed?: readonly SealedFile[],
  ): Promise<void>;
  /** The same for several: all of them or none. */
  createProjects(projects: readonly NewProjectFiles[]): Promise<void>;
  /**
   * The same for a child: besides its first documents it gets the parent's journals of its personas (byte for byte up to
   * their last whole line), sealed checks and outputs. Throws `failed`/`project_exists`.
   */
  createChild(parentId: string, child: NewChild): Promise<void>;
  /** Adds the first document of another agent to a project; one that is there already stays as it is. */
  addAgent(agent: AgentState): Promise<void>;
  /** Outputs that another project refers to from now on too; those that are there already are left as they are. */
  shareOutputs(fromId: string, toId: string): Promise<void>;
  /** The owner's acceptance tests as they lie in the project's folder; `null` when there are none. */
  sealed(id: string): Promise<SealedFile[] | null>;
  /** Puts one file there, whole, or takes it away (`null`). For a project whose checks are still being written. */
  writeSealed(id: string, path: string, content: Buffer | null): Promise<void>;
  project(id: string): DocumentStore<Project>;
  tasks(id: string): DocumentStore<TaskList>;
  finance(id: string): DocumentStore<FinanceState>;
  agent(id: string, persona: string): DocumentStore<AgentState>;
  journal(id: string, persona: string): Journal;
  talk(id: string): TalkLog;
  costs(id: string): LogStore<CostEntry>;
  events(id: string): LogStore<FactoryEvent> & {
    /** What is there from byte `offset` on, for `df logs -f`. */
    readFrom(offset: number): Promise<Piece<FactoryEvent>>;
    /** How long it is, in bytes, and when it was last written; `null` where there is none yet. */
    size(): { bytes: number; changedAt: Date } | null;
  };
  /** Reports in order of time. Writing is once per report id. */
  gates(id: string): { save(report: QualityReport): Promise<void>; list(): Promise<QualityReport[]> };
  /** A fresh file below `output/`, and its name relative to the project's folder. */
  newOutput(id: string, label: string): Promise<{ file: string; relative: string }>;
  /** Puts a text there. @returns its name relative to the project's folder */
  saveOutput(id: string, label: string, text: string): Promise<string>;
  readOutput(id: string, relative: string): Promise<string>;
  /** Where outputs are to be encrypted: all that are still in clear. No command of the project may be running. */
  encryptOutputs(id: string): Promise<void>;
  /**
   * Runs `work` while nobody else, in any process, runs what goes by this name. Throws `environment`/`lock_timeout` when it is not free in
   * time.
   */
  oneAtATime<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Every project; an unreadable one is reported, not thrown, so that it cannot hide the others. */
  listProjects(): Promise<{ projects: Project[]; unreadable: UnreadableProject[] }>;
  /** As `listProjects`, without what a list does not show. With 10,000 projects some 100 ms faster. */
  listSummaries(): Promise<{ projects: ProjectSummary[]; unreadable: UnreadableProject[] }>;
  /**
   * Only projects for which `needsAttention` holds, found without reading the others again.
   */
  listOpenProjects(): Promise<Project[]>;
  /** Id, unique id prefix, or unique name. Throws `not_found`/`project_not_found`, `usage`/`project_ambiguous`. */
  resolveProject(reference: string): Promise<string>;
  /** Clears away locks that killed processes left in a project's folder, and what they had half written under them. */
  tidyProject(id: string): Promise<void>;
  providers(): DocumentStore<ProvidersFile>;
  tokens(): DocumentStore<TokensFile>;
  forges(): DocumentStore<ForgesFile>;
  schedules(): DocumentStore<SchedulesFile>;
  worktreePath(id: string): string;
  projectFolder(id: string): string;
}

/** Keys at rest: AES-256-GCM, fresh nonce, the provider's id as associated data. */
export interface KeyVault {
  /** @returns `encrypted:…` for providers.yaml */
  seal(providerId: string, key: string): Promise<string>;
  /**
   * The key in clear, from `encrypted:…` or `env:NAME`; empty text for an empty entry.
   * Throws `environment` errors `key_unreadable`, `key_swapped`, `key_env_missing`, `master_key_mode`.
   */
  open(providerId: string, stored: string): Promise<string>;
  /** Last four characters, for people. `env:NAME` stays as it is. */
  hint(providerId: string, stored: string): Promise<string>;
}
