import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../notify/receiver.ts';
import { call, MEND_SUM, type Scenario, scenario, sequence } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const notify = (...targets: Record<string, unknown>[]) => [`notifications: ${JSON.stringify(targets)}`];
const outbox = (s: Scenario): Promise<string[]> => readdir(join(s.home, 'data/outbox')).catch(() => []);
const decide = call('propose_decision', {
  question: 'Which sign?',
  confidence: 0.95,
  options: [
    { label: 'plus', description: 'Add.', confidence: 0.95, estimated_effort: 'low' },
    { label: 'minus', description: 'Subtract.', confidence: 0.05, estimated_effort: 'low' },
  ],
});

describe('notifications', () => {
  it('tells of a decision and of the end, each once, without keys, although the receiver fails at first', async () => {
    const { url, received } = await startReceiver((count) => (count <= 2 ? 500 : 200));
    const s = await scenario({
      script: sequence([decide, ...MEND_SUM]),
      config: notify({
        type: 'webhook',
        url: `${url}/hook-0123456789abcdef`,
        on: ['completed', 'failed', 'decision'],
      }),
    });
    const { id } = await s.init('told');
    await s.worker();
    await s.ends(id);
    await until(() => received.some(({ body }) => body['kind'] === 'completed'), 60_000, 'the end is told');
    await until(async () => !(await outbox(s)).includes(`${id}.yaml`), 60_000, 'all was sent');
    const ids = received.map(({ headers }) => String(headers['x-darkfactory-id']));
    // The two that were refused came again under the same id.
    expect(new Set(ids).size).toBe(ids.length - 2);
    const kinds = new Set(received.map(({ body }) => body['kind']));
    expect([...kinds].sort()).toEqual(['completed', 'decision']);
    expect(JSON.stringify(received.map(({ body }) => body))).not.toMatch(/sk-test|hook-0123456789abcdef/);
    const done = received.find(({ body }) => body['kind'] === 'completed')?.body;
    expect(done).toMatchObject({ version: 1, project: { id, name: 'told', status: 'completed' } });
    for (const file of await readdir(join(s.home, 'logs')))
      expect(await readFile(join(s.home, 'logs', file), 'utf8')).not.toContain('hook-0123456789abcdef');
  });

  it('finds again what was to be sent when Redis forgets everything and the worker is killed', async () => {
    let open = false;
    const { url, received } = await startReceiver(() => (open ? 200 : 'silent'));
    const s = await scenario({ config: notify({ type: 'discord', url, on: ['completed'] }) });
    const { id } = await s.init('flushed');
    const worker = await s.worker();
    await s.ends(id);
    await until(() => received.length > 0, 30_000, 'the first try');
    worker.kill('SIGKILL');
    await worker.exited;
    const redis = new Redis(s.redis.url);
    onTestFinished(() => redis.disconnect());
    await redis.flushall();
    const before = received.length;
    open = true;
    await s.worker();
    await until(() => received.length > before, 30_000, 'another try');
    await until(async () => !(await outbox(s)).includes(`${id}.yaml`), 30_000, 'it was sent');
    expect(received).toHaveLength(before + 1);
    const ids = new Set(received.map(({ headers }) => headers['x-darkfactory-id']));
    expect(ids.size).toBe(1);
  });

  it('never holds up work: with a receiver that says nothing the project ends as without it', async () => {
    const { url, received } = await startReceiver(() => 'silent');
    const s = await scenario({
      script: sequence([decide, ...MEND_SUM]),
      config: notify({ type: 'webhook', url }, { type: 'command', command: 'exit 1' }),
    });
    const { id } = await s.init('alone');
    await s.worker();
    await s.ends(id);
    await until(() => received.length > 0, 30_000);
    expect(await s.json('status', id)).toMatchObject({ project: { status: 'completed' } });
  });

  it('df notify test tries each target and says which one did not take it', async () => {
    const { url, received } = await startReceiver();
    const s = await scenario({
      config: notify(
        { type: 'slack', url, name: 'team' },
        { type: 'command', command: 'cat > told.json' },
        { type: 'webhook', url: 'env:DF_TEST_NOT_SET' },
      ),
    });
    const { code, stdout } = await s.df('notify', 'test');
    expect(code).toBe(1);
    expect(stdout).toMatch(/sent +team \(slack\)/);
    expect(stdout).toMatch(/NOT SENT +webhook: the variable DF_TEST_NOT_SET/);
    expect(received).toHaveLength(1);
    expect(JSON.parse(await readFile(join(s.home, 'told.json'), 'utf8'))).toMatchObject({ kind: 'test' });
  });
});
