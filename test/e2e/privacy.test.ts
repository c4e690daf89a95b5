import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, MEND_SUM, scenario, sequence } from '../support/scenario.ts';

const WORD = 'hallgrimsson';

describe('a project with privacy.encrypt', () => {
  it('completes, and neither what its agent said nor what its commands printed stands in clear', async () => {
    const s = await scenario({
      config: ['privacy:', '  encrypt: true'],
      script: sequence([
        call('bash', { command: `echo the customer is ${WORD}` }),
        ...MEND_SUM.slice(0, 1),
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
    expect((await s.df('log', 'verify', id)).code).toBe(0);
    expect((await s.df('export', id)).code).toBe(0);
  }, 200_000);
});
