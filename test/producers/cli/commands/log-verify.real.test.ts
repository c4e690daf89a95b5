import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scenario } from '../../../support/scenario.ts';

describe('df log verify', () => {
  it('says of an untouched log that it is intact, and names file and line of an edited one', async () => {
    const s = await scenario();
    const { id } = await s.init('audited');
    await s.json('tasks', 'add', 'audited', 'Fix add', '--criterion', 'node --test');
    await s.json('tasks', 'skip', 'audited', 'Fix add', '--reason', 'no need');
    const intact = await s.df('log', 'verify', 'audited');
    expect([intact.code, intact.stdout]).toEqual([0, expect.stringMatching(/^intact +[0-9a-f]{8}/)]);
    expect((await s.df('log', 'verify')).code).toBe(0);

    const file = join(s.home, 'data', 'projects', id, 'events.jsonl');
    const text = await readFile(file, 'utf8');
    const line = text.split('\n').findIndex((each) => each.includes('no need')) + 1;
    await writeFile(file, text.replaceAll('no need', 'too late'));
    const changed = await s.df('logs', 'verify', id.slice(0, 8));
    expect([changed.code, changed.stdout]).toEqual([1, expect.stringContaining(`${file}:${line}: `)]);
    const reports = JSON.parse((await s.df('log', 'verify', '--json')).stdout);
    expect(reports.map(({ findings }: { findings: unknown[] }) => findings.length).sort()).toEqual([0, 1]);
  });
});
