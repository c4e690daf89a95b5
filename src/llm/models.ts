import { createHash } from 'node:crypto';
import type { ProviderConfig } from '../factory/model/money/finance.ts';
import { vendorRecord } from '../factory/model/money/vendors.ts';
import type { ModelAdapter, ModelFailure, Models } from '../factory/ports.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { type NewId, newUuid } from '../lib/ids.ts';
import { createAnswers } from '../lib/lru.ts';
import { createRedactor } from '../lib/text/redact.ts';
import type { Fetch } from './call.ts';
import { isSendableKey } from './endpoint.ts';
import { factsOf } from './facts/facts.ts';
import { patientFetch } from './patient-fetch.ts';
import type { CallContext } from './run-stream.ts';

export interface ModelsDependencies {
  /** Where an agent can write: adapter files from there are refused. */
  worktreeFolders?: readonly string[];
  clock?: Clock;
  newId?: NewId;
  /** For tests of the bytes on the wire. Default: Node's own, whose connections are shared by all adapters. */
  fetch?: Fetch;
}

/** Providers change rarely; more adapters than this are of keys and models no longer in use. */
const MOST_ADAPTERS = 64;

/**
 * Adapters for providers. Each vendor's SDK is loaded when the first of its providers is used.
 *
 * An adapter makes one request per call (a refused one may be repaired once) and never retries: the finance manager
 * decides about that. A new key, model or address makes a new adapter.
 */
export function createModels(dependencies: ModelsDependencies = {}): Models {
  const adapters = createAnswers<ModelAdapter>(MOST_ADAPTERS);
  return {
    adapterFor: (provider, apiKey) =>
      adapters(identityOf(provider, apiKey), () => createAdapter(provider, apiKey, dependencies)),
  };
}

function identityOf(provider: ProviderConfig, apiKey: string): string {
  const key = createHash('sha256').update(apiKey).digest('base64');
  return [
    provider.id,
    provider.name,
    provider.baseUrl ?? '',
    provider.adapter ?? '',
    provider.model,
    provider.api ?? '',
    provider.effort ?? '',
    key,
  ].join('\n');
}

async function createAdapter(
  provider: ProviderConfig,
  apiKey: string,
  dependencies: ModelsDependencies,
): Promise<ModelAdapter> {
  const clock = dependencies.clock ?? systemClock;
  const newId = dependencies.newId ?? newUuid;
  const context: CallContext = {
    label: `${provider.id} (${provider.model})`,
    redactor: createRedactor([apiKey]),
    facts: factsOf(provider),
    fetch: dependencies.fetch ?? patientFetch,
    now: () => clock.now(),
  };
  if (!isSendableKey(apiKey)) {
    return refusing({
      ok: false,
      kind: 'key',
      code: 'key_not_sendable',
      message: `${context.label}: the key holds characters that cannot stand in a key, such as spaces or line ends.`,
      perhapsBilled: false,
    });
  }
  const { speaks, url } = vendorRecord(provider.name);
  if (url === null && provider.adapter !== undefined) {
    const { createCustomAdapter } = await import('./custom-adapter.ts');
    const folders = dependencies.worktreeFolders ?? [];
    return createCustomAdapter({ ...provider, adapter: provider.adapter }, apiKey, context, folders);
  }
  if (url === null && provider.baseUrl === undefined) {
    return refusing({
      ok: false,
      kind: 'config',
      code: 'no_endpoint',
      message: `${context.label}: a ${provider.name} provider needs a base URL or an adapter file.`,
      perhapsBilled: false,
    });
  }
  const create = await ADAPTERS[speaks]();
  return create(provider, apiKey, context, newId);
}

const ADAPTERS = {
  openai: async () => (await import('./openai.ts')).createOpenaiAdapter,
  anthropic: async () => (await import('./anthropic.ts')).createAnthropicAdapter,
};

const refusing = (failure: ModelFailure): ModelAdapter => ({ complete: async () => failure });

export { factsOf };
