import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type ScriptedModel, type ScriptedModelOptions, startScriptedModel } from './model-server/index.ts';

export * from './model-server/index.ts';

/** A scripted model server that is closed when the running test ends. */
export async function modelForTest(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const server = await startScriptedModel(options);
  onTestFinished(() => server.close());
  return server;
}

/** Waits until the server has had `count` requests. Throws after `deadlineMs` milliseconds. */
export async function waitForRequests(
  server: ScriptedModel,
  count: number,
  deadlineMs = 20_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (server.requests.length < count) {
    if (Date.now() > end) throw new Error(`only ${server.requests.length} of ${count} requests came`);
    await sleep(5);
  }
}
