import type { RequestRoute } from '../model/journal.ts';
import type { AssistantMessage } from '../model/message.ts';
import type { CostEntry, Operation, ProviderApi, ProviderConfig, Usage } from '../model/money/finance.ts';
import type { Tier } from '../model/money/tier.ts';
import type { ExpiredReservation } from './meter.ts';
import type { ModelReply, ModelRequest } from './models.ts';

/** What is expected between a call and the next one of the same conversation. */
export interface CacheOutlook {
  /** Tokens of the whole prompt, and of them those that no earlier call has left in the cache. */
  prompt: number;
  fresh: number;
  /** How likely the next call comes later than the shorter time allows, but within the longer one: from 0 to 1. */
  longPause: number;
}

/** A request before a provider is found for it. */
export interface PaidRequest extends Omit<ModelRequest, 'model' | 'maxOutputTokens'> {
  /** Tokens of the answer itself. Missing: as many as suit the model. */
  maxOutputTokens?: number;
  /** Tokens that a model which thinks may think on top of that. Missing: as many as an answer is worth. */
  thoughtTokens?: number;
}

export interface PaidCall {
  projectId: string;
  operation: Operation;
  persona?: string;
  step?: number;
  taskId?: string;
  request: PaidRequest;
  /** Prefer a provider of another vendor than this one (audits, sealed checks). */
  avoidProvider?: string;
  /** The work stayed red: it is kept to this tier. */
  escalatedTo?: Tier;
  /** The work goes on with what took the place of a tier. */
  held?: { wanted: string; instead: string };
  /** What its prompt may expect of the vendor's cache. Missing: the next call comes at once. */
  cache?: CacheOutlook;
  signal: AbortSignal;
  /** Durable note before the request is sent: without it no request goes out. */
  opened(
    record: {
      requestId: string;
      provider: string;
      model: string;
      operation: Operation;
      reserved: number;
    } & RequestRoute,
  ): Promise<void>;
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
    /** Tokens of output that it was given at the most. */
    limit: number;
    /** It was cut at that limit, and the model and the owner have so many for it when it is asked for again. */
    more?: number;
  }): Promise<void>;
}

export type PaidOutcome =
  | { kind: 'reply'; reply: ModelReply; provider: ProviderConfig; cost: number; requestId: string }
  /** Nothing can be done before `until`: the step is parked, no attempt is spent. */
  | { kind: 'wait'; for: 'rate' | 'provider' | 'hours'; until: Date; detail: string }
  /** No provider is viable, and what of them is waited for: `waiting_for_credits`, probes run. */
  | { kind: 'no_provider'; for: 'provider' | 'credits' | 'key'; detail: string; until?: Date }
  /** A cap of the owner is reached: `paused`. `until`: a cap over all projects, which has room again then. */
  | { kind: 'budget'; detail: string; until?: Date }
  /** No provider may do this work, by its owner's limits: `paused`. */
  | { kind: 'not_permitted'; detail: string }
  /**
   * The conversation is too long for every provider that could be asked: compact it. `otherwise`: what to do where that does not
   * help, since another provider is only away, or what is too small for it is a cap over all projects (`cap`).
   */
  | { kind: 'context'; detail: string; otherwise?: Otherwise }
  /**
   * Every provider that could be asked refuses this conversation or fails at it again and again. `squeezed`: also since it was
   * made smaller; nothing more can be done now. Otherwise make it smaller, say so (`squeezed`), and ask again. `until`: one that
   * fails may do so no more then; missing: only its owner can help. `cap`: nobody refuses it, but a cap over all projects is too
   * small for it.
   */
  | { kind: 'refused'; detail: string; squeezed: boolean; until?: Date; cap?: true }
  /** Rows of the project's ledger are gone: nothing is spent on it until its owner has looked. */
  | { kind: 'ledger'; detail: string }
  | { kind: 'aborted' };

type Otherwise =
  | { kind: 'wait'; for: 'provider'; until: Date; detail: string }
  | { kind: 'refused'; until: Date; detail: string; cap?: true };

export interface FinanceManager {
  complete(call: PaidCall): Promise<PaidOutcome>;
  /** The project's conversation was made smaller because it was refused: every provider gets another chance at it. */
  squeezed(projectId: string): Promise<void>;
  /** These projects wait while a provider is probed: notes the moment with each. */
  noteProbe(projectIds: readonly string[]): Promise<void>;
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
      tier?: Tier | undefined;
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
  /**
   * The provider that does the project's work: the one of its last turn; before the first, the one that would take it now,
   * which is noted as the project's own, so that others can keep away from it. `null`: none is ready.
   */
  author(projectId: string): Promise<string | null>;
  /** Throws `environment`/`no_provider` where no provider could ever answer as things are. */
  requireProvider(): Promise<void>;
  /** The next probe of every provider that needs one, in milliseconds from now (0: due), the most urgent first. */
  probeSchedule(): Promise<{ providerId: string; delay: number }[]>;
  /**
   * Which of the projects that wait for credits may go on, each with a delay in milliseconds that spreads them. None
   * before a provider has answered since it began to wait, or the moment it was told has passed.
   */
  wakeUps(
    waiting: readonly { projectId: string; since: Date; until?: Date }[],
  ): Promise<{ projectId: string; delay: number }[]>;
  /** Reservations of holders that are gone, each told once. */
  expiredReservations(): Promise<ExpiredReservation[]>;
  /** Writes what is still unwritten of the projects' finance.yaml. */
  close(): Promise<void>;
}

export interface ProbeResult {
  healthy: boolean;
  /** One sentence for people. */
  detail: string;
  /** USD, known or possible. */
  cost: number;
  /** Nothing was sent: a limit of our own, its key or its switch stands before it. */
  unasked?: boolean;
  /** Before that another one would find the same, or cost too much to look so soon. */
  notBefore?: Date;
  /** Of a reply that came. */
  seen?: {
    /** Calls of tools that it made; it was asked for one. */
    calls: number;
    /** It ended at the output limit. */
    cut: boolean;
    usage: Usage;
    /** The other interface, since the endpoint refused the one that it was to be asked on. */
    insteadOn?: ProviderApi;
  };
}
