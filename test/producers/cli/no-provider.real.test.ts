import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scenario } from '../../support/scenario.ts';

interface Listed {
  id: string;
  state: string;
  stateReason?: string;
  stateUntil?: string;
  probes: { requests: number; cost: number };
}

describe('A93 nobody: without any provider that could ever answer', () => {
  test('df run and df start refuse in words, nothing is made or begun, and one that may come back is enough', async () => {
    const s = await scenario();
    const { id } = await s.init('early');
    const file = join(s.home, 'providers.yaml');
    const whole = await readFile(file, 'utf8');
    const lacks: [string, string, (text: string) => string][] = [
      ['is switched off', 'off', (text) => text.replace('enabled: true', 'enabled: false')],
      ['do not pay', 'credits', (text) => text.replace('creditsAvailable: 100', 'creditsAvailable: 0.0001')],
      ['key', 'key', (text) => text.replace(/apiKey: .*/, 'apiKey: env:NOT_SET_ANYWHERE')],
      [
        'no known price',
        'price',
        (text) =>
          text
            .replace(/ {2}prices:\n( {4}.*\n)+/, '')
            .replace('scripted-1', 'nobody-knows-it')
            .replace('name: openai', 'name: custom'),
      ],
    ];
    for (const [words, state, change] of lacks) {
      await writeFile(file, change(whole));
      for (const args of [
        ['start', id],
        ['run', 'late', '--description', 'x', '--no-lint', '--no-format'],
      ]) {
        const { code, stderr } = await s.program(...args);
        expect(code, stderr).toBe(4);
        expect(stderr).toContain(words);
      }
      const [listed] = await s.json<Listed[]>('provider', 'list');
      expect(listed).toMatchObject({
        id: 'main',
        state,
        ...(state === 'off' ? {} : { stateReason: expect.any(String) }),
      });
    }
    await writeFile(file, whole);
    expect((await s.df('provider', 'remove', 'main')).code).toBe(0);
    const { code, stderr } = await s.program('start', id);
    expect([code, stderr]).toEqual([4, expect.stringContaining('df provider add')]);
    expect((await s.status(id)).project).toMatchObject({ status: 'initializing', started: false });
    expect(await readdir(join(s.home, 'data', 'projects'))).toHaveLength(1);
    await writeFile(
      file,
      whole.replace('consecutiveFailures: 0', 'consecutiveFailures: 3\n  lastFailure: it was down'),
    );
    expect((await s.df('start', id)).code).toBe(0);
    expect(await s.json<Listed[]>('provider', 'list')).toMatchObject([
      { state: 'failing', stateReason: expect.stringContaining('it was down') },
    ]);
    await writeFile(
      file,
      whole.replace(
        'consecutiveFailures: 0',
        'consecutiveFailures: 0\n  exhaustedAt: 2026-01-01T00:00:00Z\n  exhaustedUntil: 2031-01-01T00:00:00Z',
      ),
    );
    expect(await s.json<Listed[]>('provider', 'list')).toMatchObject([
      { state: 'credits', stateUntil: '2031-01-01T00:00:00.000Z' },
    ]);
    expect((await s.df('provider', 'list')).stdout).toMatch(/out of money \(until 2031/);
  });

  test('df provider list tells what probes cost', async () => {
    const s = await scenario();
    expect((await s.df('provider', 'probe', 'main')).code).toBe(0);
    const [listed] = await s.json<Listed[]>('provider', 'list');
    expect(listed?.probes).toEqual({ requests: 1, cost: s.model.billed() });
    expect(listed?.state).toBe('ready');
  });
});
