import { expect, it } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { sharedHouse } from '../support/house.ts';
import { BROKEN_SUM, call, sequence } from '../support/scenario.ts';

const LINTED = {
  ...BROKEN_SUM,
  'package.json': JSON.stringify({
    name: 'sum',
    type: 'module',
    scripts: { test: 'node --test', lint: 'no-such-linter .' },
  }),
};
const MEND = [
  call('edit_file', { path: 'sum.js', old_text: 'a - b', new_text: 'a + b' }),
  call('finish', { summary: 'add adds.' }),
];

const house = sharedHouse({ files: LINTED });
const make = (name: string, ...args: string[]) =>
  house.s.json<Project>('init', name, '--description', `Fix ${name}.`, ...args);

it('a repository with tests, a linter that is not installed and no formatter is worked on, and both are shown as not checked', async () => {
  house.follows('found', sequence(MEND));
  const told = await house.s.df('init', 'told', '--description', 'x');
  expect(told.stdout).toMatch(/Formatter +not checked: /);
  const { id } = await make('found');
  await house.s.ends(id);
  const [status, report] = [await house.s.df('status', id), await house.s.df('export', id)];
  for (const said of [status.stdout, report.stdout]) {
    expect(said).toMatch(/Linter.*not checked.*no-such-linter/);
    expect(said).toMatch(/Formatter.*not checked/);
  }
});

it('a check of the owner’s that cannot run holds the project up before a turn is paid for, at every resume', async () => {
  house.follows('waits', sequence(MEND));
  const { id } = await make('waits', '--lint', 'no-such-tool --all');
  for (const command of ['start', 'resume']) {
    await house.s.df(command, id);
    const project = await house.s.reaches(id, 'paused');
    expect(project.waiting).toMatchObject({ for: 'owner', detail: expect.stringContaining('no-such-tool') });
  }
  expect((await house.s.costs(id)).totalSpent).toBe(0);
  expect((await house.s.events(id)).filter(({ type }) => type === 'gate.failed')).toHaveLength(2);
});

it('a repository whose tests nobody could run is refused at init, with the flags that help', async () => {
  await house.s.repository.git('checkout', '-q', '--orphan', 'bare');
  await house.s.repository.git('rm', '-rqf', '.');
  await house.s.repository.git('commit', '-q', '--allow-empty', '-m', 'nothing');
  const refused = await house.s.df('init', 'none', '--description', 'x');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/--test CMD[\s\S]*--no-test/);
});
