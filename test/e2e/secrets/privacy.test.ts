import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Redis } from '../../../src/queues/redis/redis.ts';
import { BROKEN_SUM, call, MEND_SUM, scenario, sequence } from '../../support/scenario.ts';

const WORD = 'hallgrimsson';

describe('a project with privacy.encrypt', () => {
  it('A82 raw-words: completes, and neither what its agent said nor what its commands printed stands in clear in any file of the home or in Redis', async () => {
    const s = await scenario({
      config: ['logLevel: debug', 'privacy:', '  encrypt: true'],
      // A gate that fails prints it, too.
      files: {
        ...BROKEN_SUM,
        'sum.js': `console.log('${WORD}');\n${BROKEN_SUM['sum.js']}`,
      },
      script: sequence([
        { ...call('bash', { command: `echo the customer is ${WORD}` }), text: `I ask for ${WORD}.` },
        call(WORD, {}),
        ...MEND_SUM.slice(0, 1),
        call('finish', { summary: `Not yet, ${WORD}.` }),
        call('edit_file', { path: 'sum.js', old_text: 'a - b', new_text: 'a + b' }),
        call('finish', { summary: 'Done.' }),
      ]),
    });
    const { id } = await s.init('private');
    await s.worker();
    await s.ends(id);

    const folder = join(s.home, 'data', 'projects', id);
    const below = async (name: string) =>
      (await readdir(join(folder, name))).map((each) => join(folder, name, each));
    const journals = (await below('agents')).filter((file) => file.endsWith('.jsonl'));
    const outputs = await below('output');
    expect([journals.length > 0, outputs.length > 0]).toEqual([true, true]);
    for (const file of [...journals, ...outputs]) {
      const text = await readFile(file, 'latin1');
      if (text === '') continue;
      expect(text.startsWith('{"encrypted":"v1.') || text.startsWith('df-encrypted 1\n'), file).toBe(true);
      expect(text).not.toContain(WORD);
    }
    const kept = await filesBelow(s.home);
    expect(kept.some((file) => file.endsWith('events.jsonl'))).toBe(true);
    for (const file of kept) expect(await readFile(file, 'latin1'), file).not.toContain(WORD);
    const redis = await s.services.redis();
    for (const key of await redis.keys('*'))
      expect(JSON.stringify(await dump(redis, key)), key).not.toContain(WORD);
    expect(await s.status(id)).toMatchObject({ gate: { passed: true } });
    expect((await s.df('log', 'verify', id)).code).toBe(0);
    expect((await s.df('export', id)).code).toBe(0);
  });
});

/** Without the worktrees, which are the owner's code. */
async function filesBelow(home: string): Promise<string[]> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/\/(?:worktrees|setups)\//.test(file));
}

async function dump(redis: Redis, key: string): Promise<unknown> {
  const kind = await redis.type(key);
  if (kind === 'hash') return redis.hgetall(key);
  if (kind === 'list') return redis.lrange(key, 0, -1);
  if (kind === 'stream') return redis.xrange(key, '-', '+');
  if (kind === 'string') return redis.get(key);
  return kind === 'zset' ? redis.zrange(key, '0', '-1') : redis.smembers(key);
}
