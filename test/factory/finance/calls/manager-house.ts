import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { summariseCosts } from '../../../../src/factory/finance/books/costs.ts';
import type { PaidCall } from '../../../../src/factory/ports.ts';
import { addProject } from '../../../state/samples.ts';
import { type Fault, modelForTest, type ScriptedModelOptions } from '../../../support/model.ts';
import { startRedis, type TestRedis } from '../../../support/redis.ts';
import { type House, openHouse, paidCall } from '../house.ts';

export const cached = { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25 };
const usage = { input: 40_000, output: 30_000 };
/** Each reply costs $0.10 at $1 in and $2 out a million. */
const tenCents = () => ({ text: 'done', usage });
export const model = (options: Partial<ScriptedModelOptions> = {}) =>
  modelForTest({ script: tenCents, strict: false, ...options });
export const always = (fault: Fault, times?: number) => [
  { fault, ...(times === undefined ? {} : { times }) },
];

/** A finance manager before each test, with a Redis of the file's own that is emptied. */
export function useHouse(options: { pauses?: number } = {}) {
  let server: TestRedis;
  let folder: string;
  let house: House;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'df-finance-'));
    house = await openHouse({ socket: server.socket, folder, ...options });
    await house.redis.flushall();
  });
  afterEach(async () => {
    await house.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    /** What the factory has besides, in one folder and Redis with `house`. */
    again: (more: Pick<Parameters<typeof openHouse>[0], 'budgets' | 'fetch'> = {}) =>
      openHouse({ socket: server.socket, folder, ...more }),
    folder: () => folder,
    house: () => house,
    project: async (budget?: number) =>
      (
        await addProject(house.state, {
          settings: { commands: {}, allowGateChanges: false, ...(budget === undefined ? {} : { budget }) },
        })
      ).id,
    complete: (id: string, over: Partial<PaidCall> = {}) => house.finance.complete(paidCall(id, over).call),
    costs: async (id: string) => summariseCosts(id, await house.state.costs(id).readAll()),
    events: (type: string) => house.events.filter((event) => event.type === type),
  };
}
