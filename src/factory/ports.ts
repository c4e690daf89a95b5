/**
 * What the rules need of the world. The four pairs of hands (git, llm, sandbox, state) and the queues implement these;
 * `services.ts` puts them together. Nothing here does anything.
 *
 * Errors: a method throws `DarkFactoryError` for what its comment names; anything else that it throws is a bug.
 */
import type { AgentState } from './agent/agent.ts';
import type { Holder, JournalEntry, JournalRecord } from './agent/journal.ts';
import type { AssistantMessage, ChatMessage, ToolSpec } from './agent/message.ts';
import type {
  CostEntry,
  FinanceState,
  Operation,
  ProviderConfig,
  ProvidersFile,
  Usage,
} from './finance/finance.ts';
import type { QualityReport } from './gates/report.ts';
import type { FactoryEvent } from './project/event.ts';
import type { NextJob } from './project/next-jobs.ts';
import type { Project } from './project/project.ts';
import type { TaskList } from './tasks/task.ts';

// --- state -----------------------------------------------------------------------------------------------------------

/** A document: read whole, replaced whole, never torn, never updated by two writers at once. */
export interface DocumentStore<T> {
  /** Throws `not_found` when there is none, `environment`/`state_unreadable` when it is torn, forged or too large. */
  get(): Promise<T>;
  /**
   * Reads, changes and replaces under the document's lock; `version` counts up by one. Returning the same object
   * (by identity) writes nothing. The change must be pure: it may be asked again. A DarkFactoryError thrown by it leaves
   * the document as it was.
   */
  update(change: (current: T) => T): Promise<T>;
}

/** An append-only log, one JSON object a line. */
export interface LogStore<T> {
  /** On disk (fsync) when the promise resolves. Several entries are one write: all or a torn tail that reading drops. */
  append(...entries: T[]): Promise<void>;
  readAll(): Promise<T[]>;
}

/** An agent's journal, bound to one lease. Every entry is stamped with time, epoch and step. */
export interface JournalWriter {
  readonly epoch: number;
  readonly step: number;
  /** Throws `LeaseLost` when a newer lease stands in the journal; nothing is written then. Durable when resolved. */
  append(...records: JournalRecord[]): Promise<void>;
  /** Throws `LeaseLost` when a newer lease stands in the journal: asked before every effect outside the journal. */
  check(): Promise<void>;
}

export interface Journal {
  /** All entries that count, in order. Cached by file length: a further read parses only what was added. */
  entries(): Promise<readonly JournalEntry[]>;
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

export interface ProjectSummary {
  id: string;
  name: string;
}

export interface StateStore {
  /** Makes the project's folder with all its first documents, whole or not at all. */
  createProject(project: Project, agents: AgentState[], finance: FinanceState): Promise<void>;
  project(id: string): DocumentStore<Project>;
  tasks(id: string): DocumentStore<TaskList>;
  finance(id: string): DocumentStore<FinanceState>;
  agent(id: string, persona: string): DocumentStore<AgentState>;
  journal(id: string, persona: string): Journal;
  costs(id: string): LogStore<CostEntry>;
  events(id: string): LogStore<FactoryEvent> & {
    /** What is there from byte `offset` on, for `df logs -f`. */
    readFrom(offset: number): Promise<{ entries: FactoryEvent[]; offset: number }>;
  };
  /** Reports in order of time. Writing is once per report id. */
  gates(id: string): { save(report: QualityReport): Promise<void>; list(): Promise<QualityReport[]> };
  /** A fresh file below `output/`, and its name relative to the project's folder. */
  newOutput(id: string, label: string): Promise<{ file: string; relative: string }>;
  readOutput(id: string, relative: string): Promise<string>;
  /** Every project; an unreadable one is reported, not thrown, so that it cannot hide the others. */
  listProjects(): Promise<{ projects: Project[]; unreadable: { id: string; problem: string }[] }>;
  /**
   * Only projects for which `needsAttention` holds, found without reading the others again.
   */
  listOpenProjects(): Promise<Project[]>;
  /** Id, unique id prefix, or unique name. Throws `not_found`/`project_not_found`, `usage`/`project_ambiguous`. */
  resolveProject(reference: string): Promise<string>;
  removeProject(id: string): Promise<void>;
  providers(): DocumentStore<ProvidersFile>;
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

// --- git -------------------------------------------------------------------------------------------------------------

export interface Repository {
  /** Top folder of the owner's checkout. */
  root: string;
  /** The common git dir, absolute. */
  commonDir: string;
  /** Branch of the checkout, `null` when HEAD is detached. */
  branch: string | null;
  /** The checkout holds changes that are not committed. Never touched, only mentioned. */
  dirty: boolean;
}

export interface CommitTrailers {
  project: string;
  /** `<persona>/<step>/<call>`: a step that finds its own commit does not commit again. */
  step: string;
  task?: string;
}

export interface DiffFigures {
  commits: number;
  files: number;
  insertions: number;
  deletions: number;
}

/** The specification's GitManager (§4.3); all of it outside the sandbox, none of it runs what an agent wrote. */
export interface GitManager {
  /** Throws `usage` errors: `not_a_repository`, `bare_repository`, `no_commits`, `git_missing` (`environment`). */
  inspectRepository(folder: string): Promise<Repository>;
  /** Throws `usage`/`base_branch_missing`. */
  resolveCommit(repository: string, reference: string): Promise<string>;
  /** Text of a file at a commit, `null` when it is not there or larger than 1 MiB. */
  showFile(repository: string, commit: string, path: string): Promise<string | null>;
  listFiles(repository: string, commit: string): Promise<string[]>;
  generateBranchName(
    repository: string,
    projectName: string,
    date: Date,
    taken: ReadonlySet<string>,
  ): Promise<string>;
  /** Makes branch and worktree, or repairs them: calling it again is harmless. Includes `preventPush`. */
  createWorktree(options: {
    repository: string;
    worktree: string;
    branch: string;
    commit: string;
  }): Promise<void>;
  /** Removes the worktree (not the branch) and, with the last one, the factory's traces in the configuration. */
  deleteWorktree(repository: string, worktree: string): Promise<void>;
  validateWorktree(repository: string, worktree: string): Promise<boolean>;
  preventPush(repository: string, worktree: string): Promise<void>;
  /** Tries a push to a scratch remote and says for each layer whether it refused. */
  tryPush(
    repository: string,
    worktree: string,
  ): Promise<{ layer: string; refused: boolean; detail: string }[]>;
  /**
   * Commits everything in the worktree. `null` when there is nothing to commit. A commit with the same `step` trailer that
   * is already on the branch is returned as it is.
   */
  commitChanges(
    repository: string,
    worktree: string,
    message: string,
    trailers: CommitTrailers,
  ): Promise<string | null>;
  head(repository: string, worktree: string): Promise<string>;
  /** Hash over tracked, changed and new files of the worktree: same content, same hash. Cheap enough for every turn. */
  treeHash(repository: string, worktree: string): Promise<string>;
  diffFigures(repository: string, from: string, to: string): Promise<DiffFigures>;
  changedFiles(repository: string, from: string, to: string): Promise<string[]>;
  /** The patch between two commits, at most 1 MiB of it. */
  diff(repository: string, from: string, to: string): Promise<string>;
  log(
    repository: string,
    from: string,
    to: string,
    limit: number,
  ): Promise<{ hash: string; subject: string }[]>;
}

// --- sandbox ---------------------------------------------------------------------------------------------------------

export type SandboxMechanism = 'bubblewrap' | 'unshare' | 'sandbox-exec' | 'off';

export interface CommandRequest {
  /** A shell command line, run by `/bin/sh -c` (bash where there is one). */
  command: string;
  worktree: string;
  /** The repository's common git dir, read-only inside. */
  gitDir: string;
  /** Default: the worktree is writable. */
  readOnly?: boolean;
  network?: boolean;
  timeoutMs: number;
  /** The full output goes there, capped; both streams in the order they came. */
  outputFile: string;
  /** Extra variables for the command. */
  env?: Record<string, string>;
  /** Cutting it ends the whole process tree. */
  signal?: AbortSignal;
}

export interface CommandResult {
  /** `null` when it was ended by a limit or a signal. */
  exitCode: number | null;
  ended: 'exit' | 'timeout' | 'aborted' | 'memory' | 'processes';
  durationMs: number;
  /** Head and tail of the output within 16 KiB, with a line that says how much is missing. */
  output: string;
  outputBytes: number;
  truncated: boolean;
  /** SHA-256 of what stands in the output file. */
  outputHash: string;
}

export interface Sandbox {
  readonly mechanism: SandboxMechanism;
  run(request: CommandRequest): Promise<CommandResult>;
  /** Reads and writes run inside the sandbox too. A refused path or missing file is a value. */
  readFile(worktree: string, gitDir: string, path: string, maxBytes: number): Promise<FileOutcome<string>>;
  writeFile(worktree: string, gitDir: string, path: string, content: string): Promise<FileOutcome<void>>;
}

export type FileOutcome<T> = { ok: true; value: T } | { ok: false; problem: string };

// --- models ----------------------------------------------------------------------------------------------------------

export interface ModelRequest {
  model: string;
  system: string;
  messages: readonly ChatMessage[];
  tools: readonly ToolSpec[];
  maxOutputTokens: number;
}

export interface ModelReply {
  ok: true;
  message: AssistantMessage;
  usage: Usage;
  stop: 'end' | 'tool_calls' | 'max_tokens' | 'refusal';
}

/** What went wrong, by what to do about it (§7 of the design). */
export type ModelFailureKind =
  | 'rate'
  | 'money'
  | 'outage'
  | 'key'
  | 'context'
  | 'malformed'
  | 'request'
  | 'aborted';

export interface ModelFailure {
  ok: false;
  kind: ModelFailureKind;
  /** For people and logs, already redacted. */
  message: string;
  status?: number;
  code?: string;
  /** Milliseconds the provider asked us to wait. */
  retryAfterMs?: number;
  /** The moment at which the provider says it will serve again. */
  resetAt?: Date;
  /** Tokens known to be billed although there is no usable reply (a stream cut after usage came). */
  usage?: Usage;
  /** The request may have been billed although the usage is unknown: book the reserved amount as `possible`. */
  perhapsBilled: boolean;
}

export interface ModelCallOptions {
  signal: AbortSignal;
  /** Cut when nothing arrives for this many milliseconds. */
  idleTimeoutMs: number;
  /** Cut in any case after this many milliseconds. */
  timeoutMs: number;
}

/** One request, no retries: the finance manager decides about those. Never throws for what a provider did. */
export interface ModelAdapter {
  complete(request: ModelRequest, options: ModelCallOptions): Promise<ModelReply | ModelFailure>;
}

export interface Models {
  /** Connections are shared per endpoint. A new key makes a new adapter. */
  adapterFor(provider: ProviderConfig, apiKey: string): Promise<ModelAdapter>;
}

/** USD for a usage, or `null` when no price is known (then the model is refused). */
export type PriceOf = (provider: ProviderConfig, used: Usage) => number | null;

// --- money -----------------------------------------------------------------------------------------------------------

/**
 * Live money, rates and provider health, kept in Redis for all workers and machines; rebuilt from the ledgers when Redis
 * was emptied or restarted. Every method is atomic across workers and waits for a rebuild that is under way.
 *
 * Throws `environment`/`ledger_unreadable` when the rebuild cannot read what was spent: nothing is granted then.
 */
export interface Meter {
  /** A refused request consumes nothing. Asking again with the id of an open reservation gives the same grant. */
  reserve(request: MeterRequest): Promise<MeterAnswer>;
  /** Replaces the reservation by what was spent. Settling twice counts once. */
  settle(reservationId: string, spent: Settlement): Promise<MeterTotals>;
  /** Gives the money back; the request still counts for the rates. */
  release(reservationId: string): Promise<void>;
  /** What is left now, for the score, and how each provider was doing last. Moments are on this machine's clock. */
  live(providerIds: readonly string[]): Promise<Map<string, ProviderLive>>;
  /** @returns the health before and after, so that exactly one caller sees a change. */
  report(providerId: string, news: ProviderNews): Promise<{ before: ProviderHealth; after: ProviderHealth }>;
  /** @returns true for exactly one caller per `key` within `ttlMs`. */
  once(key: string, ttlMs: number): Promise<boolean>;
}

export interface Settlement {
  usd: number;
  tokens: number;
  /** The reply was lost: counted for every limit, shown apart. */
  possible?: boolean;
  /** The provider answered well: its failures are forgotten. */
  healthy?: boolean;
  /** Where to book when the reservation is not known any more. Give it only with a ledger row that is new. */
  account?: { providerId: string; projectId: string };
}

/** USD so far, after a settlement. */
export interface MeterTotals {
  projectSpent: number;
  /** The part of `projectSpent` whose replies were lost. */
  projectPossible: number;
  lastHour: number;
  lastDay: number;
}

export interface ProviderLive {
  spentUsd: number;
  reservedUsd: number;
  tokensThisMinute: number;
  requestsThisMinute: number;
  requestsToday: number;
  /** Missing: nothing known since Redis was emptied; providers.yaml has what was known before. */
  health?: ProviderHealth;
}

export interface ProviderHealth {
  consecutiveFailures: number;
  lastSuccessAt?: Date;
  lastFailureAt?: Date;
  /** It asked to be left alone until then. */
  blockedUntil?: Date;
  /** Out of money by its own word, until a probe says otherwise. */
  exhaustedAt?: Date;
  /** When it said that the money comes back. */
  exhaustedUntil?: Date;
}

export type ProviderNews =
  | { kind: 'success' }
  | { kind: 'failure' }
  /** Its key, endpoint or credits were changed by its owner: what was known of it counts no more. */
  | { kind: 'forget' }
  /** `waitMs` missing: longer from refusal to refusal, at most a minute. */
  | { kind: 'rate'; waitMs?: number }
  /** `waitMs`: when it said that the money comes back. */
  | { kind: 'money'; waitMs?: number };

export interface MeterRequest {
  reservationId: string;
  provider: ProviderConfig;
  projectId: string;
  /** Spending cap of the project in USD, and those of the factory. Missing: none. */
  projectBudget?: number;
  budgetPerDay?: number;
  budgetPerHour?: number;
  usd: number;
  /** The least USD that would still do (with a lower maximum output). */
  minimumUsd: number;
  tokens: number;
  /** Dead workers' reservations end after this many milliseconds and are then counted as spent. */
  ttlMs: number;
}

export type MeterAnswer =
  | { granted: true; usd: number }
  | { granted: false; limit: 'rate'; retryAt: Date }
  /** `retryAt` is there when waiting helps: open reservations may give money back, or a window moves on. */
  | { granted: false; limit: 'credits' | 'project_budget' | 'day_budget' | 'hour_budget'; retryAt?: Date };

// --- finance: the one place a model is called ------------------------------------------------------------------------

export interface PaidCall {
  projectId: string;
  operation: Operation;
  persona?: string;
  step?: number;
  taskId?: string;
  request: Omit<ModelRequest, 'model'>;
  /** Prefer a provider of another vendor than this one (audits). */
  avoidProvider?: string;
  signal: AbortSignal;
  /** Durable note before the request is sent: without it no request goes out. */
  opened(record: {
    requestId: string;
    provider: string;
    model: string;
    operation: Operation;
    reserved: number;
  }): Promise<void>;
  /** Durable note of a failed request, so that a resume does not book it as lost. */
  failed(record: { requestId: string; kind: string; detail: string }): Promise<void>;
  /** Durable note of the reply, before the ledger row is written. */
  replied(record: {
    requestId: string;
    provider: string;
    model: string;
    message: AssistantMessage;
    usage: Usage;
    cost: number;
    stop: ModelReply['stop'];
  }): Promise<void>;
}

export type PaidOutcome =
  | { kind: 'reply'; reply: ModelReply; provider: ProviderConfig; cost: number; requestId: string }
  /** Nothing can be done before `until`: the step is parked, no attempt is spent. */
  | { kind: 'wait'; for: 'rate' | 'provider'; until: Date; detail: string }
  /** No provider is viable: `waiting_for_credits`, probes run. */
  | { kind: 'no_credits'; detail: string; until?: Date }
  /** A cap of the owner is reached: `paused`. */
  | { kind: 'budget'; detail: string }
  /** The conversation is too long for every provider allowed: compact it. */
  | { kind: 'context'; detail: string }
  /** The vendor refuses the conversation's form, also after one repair. */
  | { kind: 'malformed'; detail: string }
  | { kind: 'aborted' };

export interface FinanceManager {
  complete(call: PaidCall): Promise<PaidOutcome>;
  /** Books a request whose reply was lost (worker died): cost = what was reserved, `possible: true`. Twice counts once. */
  bookLost(
    projectId: string,
    lost: {
      requestId: string;
      provider: string;
      model: string;
      operation: Operation;
      reserved: number;
      persona?: string;
      step?: number;
    },
  ): Promise<void>;
  /** Books a reply that stands in the journal but not in the ledger (crash in between). Twice counts once. */
  bookReply(projectId: string, entry: CostEntry): Promise<void>;
  /**
   * One tiny real call; records health and the cost as `noop_probe`. Throws `not_found`/`provider_not_found`.
   *
   * @param maxAgeMs a good answer that is not older than this (milliseconds) takes the place of the call; default 0
   */
  probeProvider(providerId: string, maxAgeMs?: number): Promise<ProbeResult>;
  /** Is there any provider that could take a call now? */
  anyViable(): Promise<boolean>;
  /** Writes what is still unwritten of the projects' finance.yaml. */
  close(): Promise<void>;
}

export interface ProbeResult {
  healthy: boolean;
  /** One sentence for people. */
  detail: string;
  /** USD. */
  cost: number;
}

// --- queues ----------------------------------------------------------------------------------------------------------

/** Enqueues jobs. Adding one whose `deduplicationId` still waits or runs changes nothing. */
export interface JobQueue {
  /** Throws `environment`/`redis_unreachable`. */
  enqueue(...jobs: NextJob[]): Promise<void>;
}
