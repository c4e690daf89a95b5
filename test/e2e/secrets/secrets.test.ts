import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, MEND_SUM, scenario, sequence } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

/** Put together here, so that no key-like text stands in this file. */
const KEY = ['sk', 'ant', 'api03', 'aB3dE5fG7hJ9kL1mN3pQ5rS7'].join('-');

describe('an agent that puts a key into its work', () => {
  it('is told which line, commits once it is out, and the report says that a commit waited', async () => {
    const s = await scenario({
      script: sequence([
        call('write_file', { path: 'config.js', content: `// settings\nexport const key = '${KEY}';\n` }),
        call('commit', { message: 'Add the settings' }),
        call('finish', { summary: 'Done.' }),
        call('write_file', { path: 'config.js', content: 'export const key = process.env.KEY;\n' }),
        ...MEND_SUM.slice(0, 1),
        call('edit_file', { path: 'sum.js', old_text: 'a - b', new_text: 'a + b' }),
        call('finish', { summary: 'Done.' }),
      ]),
    });
    const { id } = await s.init('keys');
    await s.worker();
    await s.ends(id);
    const told = s.model.requests.map((request) => JSON.stringify(request)).join('\n');
    expect(told.includes('- config.js:2: ')).toBe(true);
    const log = await s.repository.git('log', '-p', '--all');
    expect(log).not.toContain(KEY);
    expect(log).toContain('process.env.KEY');
    const held = (await s.events(id)).filter(({ type }) => type === 'commit.held');
    expect(held).toHaveLength(2);
    expect(held[0]?.data).toMatchObject({ findings: [{ path: 'config.js', line: 2 }] });
    expect(JSON.stringify(held)).not.toContain(KEY);
    expect((await s.df('export', id)).stdout).toMatch(/Not committed, for it holds keys: config/);
  });

  it('leaves a branch without it when it is stopped; its file is kept for the owner', async () => {
    const s = await scenario({
      script: sequence([
        call('write_file', { path: 'config.js', content: `export const key = '${KEY}';\n` }),
        call('write_file', { path: 'notes.md', content: 'Half done.\n' }),
        call('bash', { command: 'touch ready; sleep 60' }),
      ]),
    });
    const project = await s.init('stopped');
    await s.worker();
    await s.df('start', project.id);
    const ready = join(project.worktreePath);
    await until(async () => (await readdir(ready)).includes('ready'), 60_000, 'the agent is at its command');
    await s.df('stop', project.id);
    await s.settles(project.id);
    const files = await s.repository.git('ls-tree', '--name-only', project.workBranch);
    expect(files.split('\n')).toEqual(['notes.md', 'package.json', 'ready', 'sum.js', 'test']);
    expect((await s.df('export', project.id)).stdout).toMatch(/Not committed at the end/);
    const output = join(s.home, 'data/projects', project.id, 'output');
    const kept = (await readdir(output)).find((name) => name.includes('left-out'));
    expect(await readFile(join(output, kept ?? ''), 'utf8')).toContain(KEY);
  });
});
