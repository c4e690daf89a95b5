import * as z from 'zod';
import { documentHead, milliseconds, moment, usd } from '../../../lib/schema.ts';
import { tier } from './tier.ts';
import { VENDOR_NAMES } from './vendors.ts';

const rateLimit = z.object({
  requestsPerMinute: z.number().int().positive().optional(),
  tokensPerMinute: z.number().int().positive().optional(),
  requestsPerDay: z.number().int().positive().optional(),
});
export type RateLimit = z.infer<typeof rateLimit>;

/** USD per million tokens. `cacheRead` and `cacheWrite` fall back to `input` when missing. */
const prices = z.object({
  input: usd,
  output: usd,
  cacheRead: usd.optional(),
  cacheWrite: usd.optional(),
});
export type Prices = z.infer<typeof prices>;

/** Which of an endpoint's interfaces a model is asked on: OpenAI's Responses, or chat completions. */
export const providerApi = z.enum(['responses', 'chat']);
export type ProviderApi = z.infer<typeof providerApi>;

/** How much a model thinks before it answers: one scale for all vendors, whose own words stand in the table of models. */
export const effort = z.enum(['minimal', 'low', 'medium', 'high', 'max']);
export type Effort = z.infer<typeof effort>;

const limitedTo = z.array(z.string().min(1).max(200)).min(1).max(200);

/** One model at one endpoint with one key: the specification's ProviderConfig (§2.3). */
export const providerConfig = z.object({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'letters, digits, dot, dash and underscore, at most 64'),
  name: z.enum(VENDOR_NAMES),
  model: z.string().min(1).max(200),
  /** `encrypted:…`, `env:NAME`, or empty for an endpoint that wants none. Never the key itself. */
  apiKey: z.string(),
  /** USD bought so far. What is left is this less what the ledger says was spent. Missing: not limited. */
  creditsAvailable: usd.optional(),
  rateLimit: rateLimit.default({}),
  priority: z.number().int().min(0).max(1_000).default(1),
  enabled: z.boolean().default(true),
  lastSuccessAt: moment.optional(),
  lastFailureAt: moment.optional(),
  probedAt: moment.optional(),
  /** What its newest failure said, as far as it was noted. */
  lastFailure: z.string().optional(),
  consecutiveFailures: z.number().int().nonnegative().default(0),

  // ---
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Missing: what the table of models says. Not for `anthropic`, which has one. */
  api: providerApi.optional(),
  /** Missing: the vendor's own default. */
  effort: effort.optional(),
  /** A JavaScript module that exports the adapter, for `custom` alone. */
  adapter: z.string().optional(),
  prices: prices.optional(),
  /** Costs nothing: for local models. Said by the owner, never guessed. */
  free: z.boolean().default(false),
  contextTokens: z.number().int().positive().optional(),
  maxOutputTokens: z.number().int().positive().optional(),
  /** What the endpoint's list of models said of it, and when. The two above, which are its owner's word, go before it. */
  reported: z
    .object({
      at: moment,
      contextTokens: z.number().int().positive().optional(),
      maxOutputTokens: z.number().int().positive().optional(),
    })
    .optional(),
  /** Personas whose work it may do, the factory's own among them (`factory-auditor`, `factory-sealer`). Missing: all. */
  personas: limitedTo.optional(),
  /** Projects, by id or name, with all that is forked from them. Missing: all. */
  projects: limitedTo.optional(),
  /** Why it was switched off by the factory itself, for example a refused key. */
  disabledReason: z.string().optional(),
  /** Out of money by its own word since then; a probe that succeeds ends it. */
  exhaustedAt: moment.optional(),
  /** When it said that the money comes back. */
  exhaustedUntil: moment.optional(),
});
export type ProviderConfig = z.infer<typeof providerConfig>;

export const providersFile = z.object({
  ...documentHead,
  providers: z.array(providerConfig).default([]),
});
export type ProvidersFile = z.infer<typeof providersFile>;

export const switchReason = z.enum(['credits_exhausted', 'rate_limit', 'api_error', 'timeout', 'manual']);
export type SwitchReason = z.infer<typeof switchReason>;

export const providerSwitch = z.object({
  timestamp: moment,
  fromProvider: z.string(),
  toProvider: z.string(),
  reason: switchReason,
});
export type ProviderSwitch = z.infer<typeof providerSwitch>;

/** Tokens in the buckets that vendors bill apart. `input` excludes the cache buckets. */
export const usage = z.object({
  input: z.number().int().nonnegative(),
  cacheWrite: z.number().int().nonnegative().default(0),
  /** Written to be kept for an hour, which costs more. Missing: none. */
  cacheWriteLong: z.number().int().nonnegative().optional(),
  cacheRead: z.number().int().nonnegative().default(0),
  output: z.number().int().nonnegative(),
});
export type Usage = z.infer<typeof usage>;

export function tokensOf({ input, cacheWrite, cacheWriteLong = 0, cacheRead, output }: Usage): number {
  return input + cacheWrite + cacheWriteLong + cacheRead + output;
}

export const operation = z.enum(['chat', 'audit', 'noop_probe', 'compaction', 'sealing']);
export type Operation = z.infer<typeof operation>;

/** One billed provider request: the specification's CostEntry (§2.3), one line of costs.jsonl. */
export const costEntry = z.object({
  timestamp: moment,
  provider: z.string(),
  model: z.string(),
  tokensUsed: z.number().int().nonnegative(),
  cost: usd,
  /** One of the factory's own, or what was done outside of it: one line. */
  operation: z
    .string()
    .min(1)
    .max(100)
    .regex(/^\P{Cc}+$/u, 'one line without control characters'),

  // ---
  /** Unique per request that was sent. Of several rows with one id one counts: a known cost before a possible one. */
  requestId: z.string().min(1),
  usage: usage.optional(),
  persona: z.string().optional(),
  step: z.number().int().nonnegative().optional(),
  taskId: z.string().optional(),
  /** Of the provider, by the owner's tiers at that time. Missing: it was of none. */
  tier: tier.optional(),
  /** From sending the request to the end of its reply, in milliseconds. */
  responseMs: z.number().nonnegative().optional(),
  /** The reply never came: the cost is the reserved worst case, shown apart from what is known. */
  possible: z.boolean().default(false),
});
export type CostEntry = z.infer<typeof costEntry>;

/** A provider that fails at a project's calls, since its last reply to it. */
const setback = z.object({
  provider: z.string(),
  kind: z.enum(['outage', 'malformed', 'request', 'refusal', 'config', 'money', 'rate']),
  /** The provider's own words. */
  detail: z.string(),
  since: moment,
  at: moment,
  /** Calls of the project that ended with it, of those that count (see setbacks.ts). */
  rounds: z.number().int().nonnegative(),
  failures: z.number().int().nonnegative(),
  /** USD booked for the failures, what is only possible included. */
  cost: usd,
  /** The conversation was made smaller because of it. */
  squeezed: z.boolean().default(false),
  /** Its last answer was in no known wording. */
  unknown: z.boolean().optional(),
});
export type Setback = z.infer<typeof setback>;

/** The specification's FinanceState (§2.3) for one project. Keys stand in providers.yaml alone. */
export const financeState = z.object({
  ...documentHead,
  projectId: z.uuid(),
  currentProviderId: z.string().optional(),
  /** Its tier. Missing: it is of none. */
  currentTier: tier.optional(),
  /** When its owner moved it to its provider; a probe of a preferred one that succeeds later ends that. Missing: it came there by itself. */
  orderedAt: moment.optional(),
  totalSpent: usd.default(0),
  pollingMode: z.boolean().default(false),
  pollingInterval: milliseconds,
  lastProbeAt: moment.optional(),
  providerSwitches: z.array(providerSwitch).default([]),

  // ---
  /** Shares of a budget that were warned about, in percent; a raised budget is warned about anew. */
  budgetWarnings: z.array(z.object({ budget: usd, percent: z.number() })).default([]),
  setbacks: z.array(setback).default([]),
  /** Failed calls so far, by provider and kind of failure (`main outage`). */
  failedCalls: z.record(z.string(), z.number().int().nonnegative()).default({}),
  /** Rows of costs.jsonl, and USD in those that count, when this was written: fewer of them later means that some were lost. */
  ledger: z.object({ rows: z.number().int().nonnegative(), usd }).default({ rows: 0, usd: 0 }),
});
export type FinanceState = z.infer<typeof financeState>;
