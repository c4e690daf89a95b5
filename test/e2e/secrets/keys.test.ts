import { execFileSync } from 'node:child_process';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { processIds, readProc } from '../../../src/lib/process/others.ts';
import { connect } from '../../../src/queues/redis/redis.ts';
import { startDf } from '../../support/processes/processes.ts';
import { MEND_SUM, type Scenario, scenario, sequence } from '../../support/scenario.ts';

/** Of no form that a pattern would know. */
const KEY = 'Quite7Plain3Secret9Of5Mine';

/** Of all processes; a `ps` for each look is dear where there is `/proc`. */
function commandLines(): string[] {
  return (
    processIds()?.flatMap((pid) => readProc(pid, 'cmdline') ?? []) ??
    execFileSync('ps', ['-ewwo', 'args'], { encoding: 'utf8' }).split('\n')
  );
}

/** Files below a folder that hold one of the texts. */
async function holding(folder: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const content = await readFile(file, 'latin1');
    if (texts.some((text) => content.includes(text))) found.push(file);
  }
  return found;
}

/** Keys of Redis whose dump holds one of the texts. */
async function dumped(s: Scenario, texts: readonly string[]): Promise<{ keys: number; hits: string[] }> {
  const redis = await connect({ url: s.redis.url }, 'worker');
  try {
    // Else the dump of a long text hides what is in it.
    await redis.config('SET', 'rdbcompression', 'no');
    const keys = await redis.keys('*');
    const hits: string[] = [];
    for (const key of keys) {
      const dump = String((await redis.dumpBuffer(key))?.toString('latin1'));
      if (texts.some((text) => dump.includes(text) || key.includes(text))) hits.push(key);
    }
    return { keys: keys.length, hits };
  } finally {
    redis.disconnect();
  }
}

it('A62 key-in-log: a key stands in no file of the home, no log, no Redis key, no report, no output and no command line, also when a provider repeats it', async () => {
  const body = JSON.stringify({ error: { message: `Trouble with the key ${KEY}`, type: 'server_error' } });
  const s = await scenario({
    script: sequence(MEND_SUM),
    model: { faults: [{ fault: { fault: 'http', status: 500, body }, times: 2 }] },
  });
  const said: string[] = [];
  const df = async (...args: string[]) => {
    const { stdout, stderr } = await s.program(...args);
    said.push(stdout, stderr);
  };
  const options = { home: s.home, env: s.env, cwd: s.repository.dir, stdin: KEY };
  const set = await startDf(['provider', 'set-key', 'main', '--api-key-stdin'], options).exited;
  expect(set.code, set.stderr).toBe(0);
  expect(set.stdout + set.stderr).not.toContain(KEY);
  const { id } = await s.init('secret');
  const worker = await s.worker();
  let over = false;
  const watching = (async () => {
    const seen = new Set<string>();
    while (!over) {
      for (const line of commandLines()) seen.add(line);
      await sleep(100);
    }
    return [...seen];
  })();
  await df('start', id, '--wait');
  over = true;
  expect(s.model.requests.length).toBeGreaterThan(7);
  expect(s.model.requests.every(({ key }) => key === KEY)).toBe(true);
  for (const command of ['status', 'costs', 'logs', 'tasks']) {
    await df(command, id);
    await df(command, id, '--json');
  }
  await df('export', id, '--format', 'markdown');
  await df('export', id, '--format', 'json');
  await df('provider', 'list', '--json');
  await df('provider', 'probe', 'main');
  said.push(worker.stdout(), worker.stderr());
  const texts = [KEY, Buffer.from(KEY).toString('base64'), KEY.slice(0, -4)];
  const leaks = (all: readonly string[]) =>
    all.filter((text) => texts.some((secret) => text.includes(secret)));
  expect(leaks(said)).toEqual([]);
  expect(said.join('\n')).toContain(KEY.slice(-4));
  const watched = await watching;
  expect(watched.some((line) => line.includes('worker'))).toBe(true);
  expect(leaks(watched)).toEqual([]);
  expect(await holding(s.home, texts)).toEqual([]);
  expect(await holding(s.redis.folder, texts)).toEqual([]);
  const { keys, hits } = await dumped(s, texts);
  expect(keys).toBeGreaterThan(10);
  expect(hits).toEqual([]);
});

it('A63 key-file-mode: with a master key that others may read no call is made, and the error says what to do', async () => {
  const s = await scenario();
  await chmod(join(s.home, 'master.key'), 0o644);
  const probed = await s.df('provider', 'probe', 'main');
  expect(probed.code).not.toBe(0);
  expect(probed.stdout + probed.stderr).toContain('chmod 600');
  const added = await s.df(
    ...[
      'provider',
      'add',
      '--name',
      'openai',
      '--id',
      'more',
      '--model',
      'm',
      '--free',
      '--api-key',
      'sk-more-0123456',
    ],
  );
  expect(added.code).not.toBe(0);
  expect(added.stderr).toContain('master.key');
  expect(s.model.requests).toHaveLength(0);
  await chmod(join(s.home, 'master.key'), 0o600);
  expect((await s.df('provider', 'probe', 'main')).code).toBe(0);
});

it('A64 ciphertext-swap: the keys of two providers, swapped in providers.yaml, are refused and the project waits', async () => {
  const s = await scenario();
  await s.json(
    ...['provider', 'add', '--name', 'openai', '--id', 'second', '--model', 'scripted-1', '--price-in', '1'],
    ...['--price-out', '2', '--base-url', `${s.model.url}/v1`, '--api-key', 'sk-second-0123456789'],
  );
  const file = join(s.home, 'providers.yaml');
  const text = await readFile(file, 'utf8');
  const [one, two, ...more] = text.match(/encrypted:[^\s"']+/g) ?? [];
  if (one === undefined || two === undefined) throw new Error(`two sealed keys in ${text}`);
  expect(more).toEqual([]);
  const swapped = text.replace(one, 'THE-SECOND').replace(two, one).replace('THE-SECOND', two);
  const { id: project } = await s.init('swapped');
  await s.df('start', project);
  await writeFile(file, swapped);
  // Another one could not even begin.
  const { id: late } = await s.init('late');
  expect((await s.program('start', late)).code).toBe(4);
  for (const id of ['main', 'second']) {
    const probed = await s.df('provider', 'probe', id);
    expect(probed.code).not.toBe(0);
    expect(probed.stdout + probed.stderr).toContain('set-key');
  }
  await s.worker();
  await s.reaches(project, 'waiting_for_credits');
  expect(await s.status(project)).toMatchObject({ waiting: { for: 'key' } });
  expect(s.model.requests).toHaveLength(0);
  await writeFile(file, text);
  await s.reaches(project, 'completed');
});
