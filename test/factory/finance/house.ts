/** A finance manager on a real Redis, real state files and the real adapters: one worker process' worth of it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFactSource } from '../../../src/budget-meter/ledger-facts.ts';
import { createMeter } from '../../../src/budget-meter/meter.ts';
import type { Windows } from '../../../src/budget-meter/meter-facts.ts';
import { config as configSchema } from '../../../src/factory/config/config.ts';
import { capOf } from '../../../src/factory/decisions/budget/cap.ts';
import { quarterOfBytes } from '../../../src/factory/finance/calls/estimate.ts';
import { createFinanceManager } from '../../../src/factory/finance/calls/manager.ts';
import { AGENT_TOOLS } from '../../../src/factory/lifecycle/steps/agent-tools.ts';
import type { NewEvent } from '../../../src/factory/model/event.ts';
import type { ProviderConfig } from '../../../src/factory/model/money/finance.ts';
import type { FinanceManager, PaidCall } from '../../../src/factory/ports.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createProcesses } from '../../../src/lib/process/process.ts';
import { factsOf } from '../../../src/llm/facts/facts.ts';
import type { Fetch } from '../../../src/llm/call.ts';
import { createModels } from '../../../src/llm/models.ts';
import { priceOf } from '../../../src/llm/prices.ts';
import { connect } from '../../../src/queues/redis/redis.ts';
import { openFactoryLogs } from '../../../src/state/logs/factory-logs.ts';
import { createKeyVault } from '../../../src/state/secrets/vault.ts';
import { openStore } from '../../state/samples.ts';
import { provider } from './fixtures.ts';

export interface HouseOptions {
  socket: string;
  folder: string;
  budgets?: { perDay?: number; perHour?: number };
  /** In the place of the network. */
  fetch?: Fetch;
  env?: Record<string, string>;
  /** Shorter windows, so that a test need not take minutes. */
  windows?: Windows;
  /** Share of the pauses between tries that is really waited. Default: all of them. */
  pauses?: number;
}

export async function openHouse(options: HouseOptions) {
  const { home, store: state } = openStore(options.folder);
  const logs = openFactoryLogs(home, { clock: systemClock, processes: createProcesses() });
  const redis = await connect({ socket: options.socket }, 'worker');
  const config = configSchema.parse({ budgets: options.budgets ?? {} });
  const meter = createMeter({
    redis,
    prefix: 'test',
    facts: createFactSource({ state, factoryCosts: logs.costs }),
    openTtlMs: config.agent.modelTimeout,
    ...(options.windows === undefined ? {} : { windows: options.windows }),
  });
  const vault = createKeyVault({
    home: options.folder,
    env: options.env ?? { KEY: 'key-a', KEY_B: 'key-b' },
  });
  const events: NewEvent[] = [];
  const problems: unknown[] = [];
  const finance: FinanceManager = createFinanceManager({
    state,
    factoryCosts: logs.costs,
    meter,
    models: createModels(options.fetch === undefined ? {} : { fetch: options.fetch }),
    vault,
    priceOf,
    factsOf,
    config,
    record: async (event) => {
      events.push(event);
    },
    onProblem: (error) => problems.push(error),
    now: () => new Date(),
    newId: randomUUID,
    chance: () => 0,
    sleep: async (ms, signal) => {
      await sleep(ms * (options.pauses ?? 1), undefined, { signal }).catch(() => undefined);
    },
    estimateTokens: quarterOfBytes,
    budgetOf: (id) => capOf(state, id, new Date()),
    tools: AGENT_TOOLS.map(({ spec }) => spec),
  });
  return {
    state,
    logs,
    redis,
    meter,
    vault,
    finance,
    events,
    problems,
    setProviders: (...providers: ProviderConfig[]) =>
      state.providers().update((file) => ({ ...file, providers })),
    async close() {
      await finance.close();
      redis.disconnect();
    },
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;

/** A provider at a scripted server, $1 a million tokens in and $2 out. */
export function openai(id: string, url: string, over: Partial<ProviderConfig> = {}): ProviderConfig {
  const prices = { input: 1, output: 2 };
  return provider(id, { baseUrl: `${url}/v1`, apiKey: 'env:KEY', prices, ...over });
}

export function anthropic(id: string, url: string, over: Partial<ProviderConfig> = {}): ProviderConfig {
  const prices = { input: 1, output: 2 };
  return provider(id, { name: 'anthropic', baseUrl: url, apiKey: 'env:KEY_B', prices, ...over });
}

/** A call, and what its caller would have in the journal. */
export function paidCall(projectId: string, over: Partial<PaidCall> = {}) {
  const notes: {
    note: 'opened' | 'failed' | 'replied';
    requestId: string;
    reserved?: number;
    kind?: string;
  }[] = [];
  const call: PaidCall = {
    projectId,
    operation: 'chat',
    persona: 'engineer',
    step: 1,
    request: {
      system: 'You work.',
      messages: [{ role: 'user', text: 'Go on.' }],
      tools: [],
      maxOutputTokens: 1_000,
    },
    signal: new AbortController().signal,
    opened: async (record) => {
      notes.push({ note: 'opened', ...record });
    },
    failed: async (record) => {
      notes.push({ note: 'failed', ...record });
    },
    replied: async (record) => {
      notes.push({ note: 'replied', requestId: record.requestId });
    },
    ...over,
  };
  return { call, notes };
}
