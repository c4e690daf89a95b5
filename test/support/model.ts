import { onTestFinished } from 'vitest';
import { type ScriptedModel, type ScriptedModelOptions, startScriptedModel } from './model-server/index.ts';
import { until } from './until.ts';

export * from './model-server/index.ts';

/** A scripted model server that is closed when the running test ends. */
export async function modelForTest(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const server = await startScriptedModel(options);
  onTestFinished(() => server.close());
  return server;
}

/** Waits until the server has had `count` requests. */
export async function waitForRequests({ requests }: ScriptedModel, count: number): Promise<void> {
  await until(
    () => requests.length >= count,
    0,
    () => `${requests.length} of ${count} requests came`,
  );
}
