import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DarkFactoryError, usageError } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import { makeScratchRepository } from '../../../trial/scratch-repository.ts';
import { SHOP_FILES, SHOP_TASK } from '../../../trial/shop.ts';
import type { CommandContext } from '../../framework/context.ts';
import { listenForInterrupts } from '../../framework/interrupts.ts';
import { flagOption, type Invocation, textOption } from '../../framework/options.ts';
import { waitForProject } from '../../live/wait.ts';
import { startOneWorker } from '../machine/worker-processes.ts';
import { reportText } from '../view/export.ts';
import { demoScript } from './demo-script.ts';
import { type DemoPlace, tellDemo } from './demo-tell.ts';
import { type DemoModel, PRICES, startDemoModel } from './model-server.ts';

/** Milliseconds the scripted model takes for an answer: long enough to be seen at work. */
const THINK_MS = 150;
const KEY = 'demo-key-of-the-scripted-model';

/** The main job on a small repository. Everything but the model is real, and runs in a home of its own. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const place = await choosePlace(context, invocation);
  const env: NodeJS.ProcessEnv = { ...context.env, DF_HOME: place.home };
  // The demonstration uses neither the owner's Redis nor the owner's keys.
  for (const name of ['REDIS_URL', 'DF_MASTER_KEY']) delete env[name];
  const model = await startDemoModel(demoScript, THINK_MS);
  const { createServices } = await import('../../../../services.ts');
  const services = await createServices({ env });
  try {
    return await perform({ ...context, env, services: async () => services }, services, { place, model });
  } finally {
    await services.close();
    await model.close();
    if (place.passing) await rm(place.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function perform(
  context: CommandContext,
  services: Services,
  { place, model }: { place: DemoPlace; model: DemoModel },
): Promise<number> {
  // What is missing on this machine is told before anything is begun.
  await services.sandbox();
  await services.queues();
  const ended = await withWorker(context, async (stopped) => {
    context.err.line(`A small repository with a failing test: ${place.repository}`);
    const id = await begin(context, services, { place, model });
    return waitForProject(context, id, {
      waitForCredits: false,
      everyStep: true,
      unread: true,
      signal: stopped,
    });
  });
  if (ended.end === 'interrupted') {
    context.err.line(`The demonstration was stopped. What there is of it is in ${place.folder}.`);
    return ended.exitCode;
  }
  await writeFile(place.report, await reportText(services, ended.project.id, 'markdown'));
  await tellDemo(context, services, { place, billed: model.billed(), project: ended.project });
  return ended.exitCode;
}

/** Repository, provider and project. @returns the project's id */
async function begin(
  context: CommandContext,
  services: Services,
  { place, model }: { place: DemoPlace; model: DemoModel },
): Promise<string> {
  await makeScratchRepository(place.repository, SHOP_FILES, context.env);
  await services.financeApi.addProvider({
    id: 'scripted',
    name: 'custom',
    model: 'scripted-model',
    baseUrl: model.url,
    priceIn: PRICES.input,
    priceOut: PRICES.output,
    key: { kind: 'sealed', key: KEY },
  });
  const project = await services.engine.createProject({
    name: 'discount',
    description: SHOP_TASK,
    repository: place.repository,
    personas: ['engineer'],
    budget: 1,
  });
  await services.engine.startProject(project.id);
  return project.id;
}

/** Runs a worker for as long as `act` takes; it loads while the rest is made ready. */
async function withWorker<T>(context: CommandContext, act: (stopped: AbortSignal) => Promise<T>): Promise<T> {
  const interrupts = listenForInterrupts({ unread: true });
  const stopWaiting = new AbortController();
  const worker = startOneWorker(context);
  let broken: string | undefined;
  void worker.unusable.then(({ said }) => {
    broken = said;
    stopWaiting.abort();
  });
  interrupts.second.addEventListener('abort', () => worker.hurry());
  try {
    const result = await act(stopWaiting.signal);
    if (broken === undefined) return result;
    throw new DarkFactoryError(
      'environment',
      'worker_unusable',
      `The worker could not work: ${broken}`,
      `Look with: ${context.program} doctor`,
    );
  } finally {
    await worker.stop();
    interrupts.dispose();
  }
}

async function choosePlace(context: CommandContext, invocation: Invocation): Promise<DemoPlace> {
  const given = textOption(invocation, 'dir');
  const folder =
    given === undefined
      ? await realpath(await mkdtemp(path.join(os.tmpdir(), 'dark-factory-demo-')))
      : await emptyFolder(path.resolve(context.cwd, given));
  return {
    folder,
    home: path.join(folder, 'home'),
    repository: path.join(folder, 'shop'),
    report: path.join(folder, 'report.md'),
    passing: flagOption(invocation, 'remove'),
  };
}

async function emptyFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length === 0) return realpath(folder);
  throw usageError('folder_not_empty', `${folder} is not empty`, 'Give --dir a new or empty folder');
}
