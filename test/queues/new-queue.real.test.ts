import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);
const TOP = fileURLToPath(new URL('../../', import.meta.url));

const DECLARATION = `import * as z from 'zod';
import { defineQueue } from './define.ts';

export const reviews = defineQueue({
  name: 'reviews',
  purpose: 'Look at a change',
  payload: z.object({ projectId: z.uuid() }),
  jobName: ({ projectId }) => projectId,
  options: {
    runsCommands: true,
    concurrency: 2,
    limiter: null,
    attempts: 1,
    backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
    keepCompleted: { count: 10, age: 60 },
    keepFailed: { count: 10, age: 60 },
  },
});
`;

const PROCESSOR = `import { done } from '../../queues/jobs/result.ts';
import type { Processor } from '../steps/processor.ts';

export const processor: Processor<'reviews'> = async ({ projectId }) => done(projectId);
`;

/** What a program sees that asks for the queue everywhere a queue is known. */
const QUESTIONS = `
import { config } from './src/factory/config/config.ts';
import { catalogue, queueNames } from './src/queues/jobs/catalogue.ts';
import { loadProcessors } from './src/workers/processors.ts';
import { workerSettings } from './src/workers/worker-settings.ts';
const job = { queue: 'reviews', payload: { projectId: '3f2a9c1e-0000-4000-8000-000000000000' }, deduplicationId: 'x' };
console.log(JSON.stringify({
  named: queueNames.includes('reviews'),
  limited: config.parse({ queues: { reviews: { rateLimit: { max: 1, duration: '1s' } } } }).queues.reviews !== undefined,
  worked: typeof (await loadProcessors()).reviews,
  sandboxed: catalogue.reviews.options.runsCommands,
  job: catalogue[job.queue].job(job.payload).name,
}));
`;

it('a new queue is a declaration, a line of the catalogue and a processor, and nothing else', async () => {
  const copy = await realpath(await mkdtemp(join(tmpdir(), 'df-new-queue-')));
  onTestFinished(() => rm(copy, { recursive: true }));
  for (const each of ['src', 'scripts', 'tsconfig.json', 'package.json'])
    await cp(join(TOP, each), join(copy, each), { recursive: true });
  await symlink(join(TOP, 'node_modules'), join(copy, 'node_modules'));

  await writeFile(join(copy, 'src/queues/jobs/reviews.ts'), DECLARATION);
  const catalogue = join(copy, 'src/queues/jobs/catalogue.ts');
  const text = await readFile(catalogue, 'utf8');
  await writeFile(
    catalogue,
    `import { reviews } from './reviews.ts';\n${text.replace('  audits,\n', '  audits,\n  reviews,\n')}`,
  );
  await writeFile(join(copy, 'src/workers/processors/reviews.ts'), PROCESSOR);
  await writeFile(join(copy, 'questions.ts'), QUESTIONS);
  await writeFile(join(copy, 'src.json'), '{ "extends": "./tsconfig.json", "include": ["src"] }');

  const cwd = { cwd: copy };
  const [, answers] = await Promise.all([
    run(process.execPath, [join(TOP, 'node_modules/.bin/tsc'), '--noEmit', '-p', 'src.json'], cwd),
    run(process.execPath, ['--import', 'tsx', 'questions.ts'], cwd),
  ]);
  expect(JSON.parse(answers.stdout)).toEqual({
    named: true,
    limited: true,
    worked: 'function',
    sandboxed: true,
    job: '3f2a9c1e-0000-4000-8000-000000000000',
  });
});
