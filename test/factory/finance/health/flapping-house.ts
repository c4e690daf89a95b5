import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { PaidOutcome } from '../../../../src/factory/ports.ts';
import { addProject } from '../../../state/samples.ts';
import {
  type ScriptedModel,
  type ScriptedModelOptions,
  startScriptedModel,
} from '../../../support/model-server/index.ts';
import { startRedis, type TestRedis } from '../../../support/redis.ts';
import { type House, openHouse, paidCall } from '../house.ts';
import type { Failing } from './failings.ts';

/** A real call of work is long; a probe is short, and only what is short is answered. */
const LONG = 'word '.repeat(400);
export const isProbe = (text: string) => text.startsWith('Reply with');
export const reply = { text: 'ok', usage: { input: 1_000, output: 10 } };

export const realCalls = (model: ScriptedModel) =>
  model.requests.filter(({ body }) => !JSON.stringify(body).includes('Reply with')).length;

/** A finance manager before each test, whose pauses are short, and models that answer probes alone. */
export function useFlappingHouse() {
  let server: TestRedis;
  let folder: string;
  let house: House;
  const models: ScriptedModel[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'df-flap-'));
    house = await openHouse({ socket: server.socket, folder, pauses: 0.01 });
    await house.redis.flushall();
  });
  afterEach(async () => {
    await house.close();
    for (const model of models.splice(0)) await model.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function model(options: ScriptedModelOptions): Promise<ScriptedModel> {
    const started = await startScriptedModel(options);
    models.push(started);
    return started;
  }
  const failing = (fault: Failing) =>
    model({
      script: ({ lastUser }) => (isProbe(lastUser) ? reply : lastUser.startsWith('short') ? reply : fault),
      strict: false,
    });

  const project = async () => (await addProject(house.state, { status: 'active', started: true })).id;
  const ask = (id: string, text = LONG) =>
    house.finance.complete(
      paidCall(id, {
        request: { system: 'You work.', messages: [{ role: 'user', text }], tools: [], maxOutputTokens: 500 },
      }).call,
    );

  /** As the workers do it: probe when nobody is there, make the conversation smaller when it is refused. */
  async function until(id: string, text = LONG, rounds = 30): Promise<PaidOutcome> {
    for (let round = 0; round < rounds; round += 1) {
      const outcome = await ask(id, text);
      if (outcome.kind === 'no_provider') await house.finance.probeProvider('a');
      else if (outcome.kind === 'refused' && !outcome.squeezed) await house.finance.squeezed(id);
      else if (outcome.kind !== 'wait') return outcome;
    }
    throw new Error('It went round and round.');
  }

  return {
    /** What a worker has that starts anew on the same folder and Redis. */
    again: () => openHouse({ socket: server.socket, folder }),
    house: () => house,
    folder: () => folder,
    ...{ model, failing, project, ask, until },
  };
}
