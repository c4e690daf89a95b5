import { randomUUID } from 'node:crypto';
import { createMeter, type MeterOptions } from '../../src/budget-meter/meter.ts';
import { type ProviderConfig, providerConfig } from '../../src/factory/model/money/finance.ts';
import type { MeterRequest } from '../../src/factory/ports.ts';

export const PREFIX = 'df-test';

export function provider(over: Partial<ProviderConfig> = {}): ProviderConfig {
  return providerConfig.parse({ id: 'a', name: 'openai', model: 'm', apiKey: 'env:K', ...over });
}

export function request(over: Partial<MeterRequest> = {}): MeterRequest {
  return {
    reservationId: randomUUID(),
    provider: provider(),
    projectId: 'project',
    usd: 0.1,
    minimumUsd: 0.1,
    tokens: 10,
    ttlMs: 60_000,
    ...over,
  };
}

export function meterOn(redis: MeterOptions['redis'], over: Partial<MeterOptions> = {}) {
  return createMeter({ redis, prefix: PREFIX, facts: async () => undefined, openTtlMs: 60_000, ...over });
}
