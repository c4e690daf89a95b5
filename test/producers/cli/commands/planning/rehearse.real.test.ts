import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import widthOf from 'fast-string-width';
import { expect, onTestFinished, test } from 'vitest';
import type { Rehearsal } from '../../../../../src/factory/rehearsal/finding.ts';
import { processesWith } from '../../../../../src/lib/process/others.ts';
import { commandHere } from '../../../../support/processes/command.ts';
import { startDf } from '../../../../support/processes/processes.ts';
import { makeRepository } from '../../../../support/repository.ts';
import { type Scenario, SUM_TEST, scenario } from '../../../../support/scenario.ts';
import { until } from '../../../../support/until.ts';

/** All that a rehearsal could leave: in the repository, and of projects, worktrees and trees in the home. */
function traces({ home, repository }: Pick<Scenario, 'home' | 'repository'>): string[] {
  const below = (folder: string) =>
    readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
  const data = join(home, 'data');
  const kept = below(data).filter((path) => !path.startsWith(join(data, 'setups')));
  const locks = join(repository.dir, '.git', 'dark-factory');
  return [...kept.filter((path) => !/costs\.jsonl|events/.test(path)), ...below(repository.dir)]
    .filter((path) => !path.startsWith(locks))
    .sort();
}

const NETWORK = `node -e "require('dns').lookup('example.org', (error) => { if (error) throw error; })"`;

test('df rehearse finds what a night would stumble over, says what to do, asks nobody but by a probe, and leaves nothing, killed or not (A117)', async () => {
  const s = await scenario({
    model: { keys: ['sk-test-0123456789abcdef'] },
  });
  const bare = await makeRepository({ files: { 'README.md': 'Nothing to test.\n' } });
  onTestFinished(() => bare.cleanup());
  await s.json(
    ...['provider', 'add', '--name', 'openai', '--id', 'second', '--model', 'scripted-2', '--priority', '9'],
    ...[
      '--base-url',
      `${s.model.url}/v1`,
      '--api-key',
      'sk-revoked-0123456789',
      '--price-in',
      '1',
      '--price-out',
      '2',
    ],
  );
  const file = join(s.home, 'night.yaml');
  await writeFile(
    file,
    [
      'defaults: { lint: false, format: false, description: Fix the failing test. }',
      'projects:',
      ...[
        ...[
          'name: good',
          'name: again',
          'name: stacked, on: good',
          'name: base, description: Write a manual.',
        ],
        ...[
          'name: waits, after: base',
          'name: tool, lint: "nosuchtool ."',
          'name: setup, setup: "echo gone; exit 3"',
        ],
        ...['name: key, model: second', 'name: one, after: two', 'name: two, after: one'],
        'name: nowhere, repo: /nowhere, persona: nobody',
      ].map((entry) => `  - { ${entry}, test: ${JSON.stringify(SUM_TEST)} }`),
      `  - { name: network, test: ${JSON.stringify(NETWORK)} }`,
      `  - { name: bare, repo: ${bare.dir} }`,
    ].join('\n'),
  );
  const before = traces(s);
  const told = await s.df('rehearse', file, '--json');
  expect(told.code, told.stderr).toBe(1);
  const found = JSON.parse(told.stdout) as Rehearsal;
  const of = (name: string) => found.projects.find((each) => each.name === name);
  const said = (name: string) =>
    (of(name)?.findings ?? [])
      .filter(({ level }) => level === 'error')
      .map((each) => `${each.what} ${each.do}`);
  expect(found.ready).toBe(false);
  expect(found.projects.filter(({ ready }) => ready).map(({ name }) => name)).toEqual([
    'good',
    'again',
    'stacked',
    'waits',
  ]);
  expect(said('base')).toEqual([expect.stringMatching(/^Tests: .* fails on the base commit.*knownFailures/)]);
  expect(of('waits')?.findings).toContainEqual(
    expect.objectContaining({ level: 'warn', do: 'See to base first.' }),
  );
  expect(said('tool')).toEqual([expect.stringMatching(/^Linter: .* needs nosuchtool.*--lint CMD/)]);
  expect(said('network')).toEqual([expect.stringMatching(/network, which gates do not have.*example\.org/)]);
  expect(said('setup')).toEqual([
    expect.stringMatching(/set-up "echo gone; exit 3".*exit code 3.*gone.*--setup CMD/),
  ]);
  expect(said('setup').join()).not.toContain('output/');
  expect(said('key')).toEqual([expect.stringMatching(/^Nobody would answer engineer: .*set-key second\.$/)]);
  expect(said('bare').join()).toMatch(/no way to run its tests.*--test CMD/);
  expect(said('two').join()).toContain('each waits for the next');
  expect(said('nowhere').join()).toMatch(/^Line 13: .*\/nowhere/);
  // One probe each, and set-up and gate once for all that begin alike.
  expect(s.model.requests).toHaveLength(2);
  expect(told.stderr.split('\n').filter((line) => line.includes('good, again'))).toHaveLength(2);
  expect(traces(s)).toEqual(before);
  expect(await s.repository.git('branch', '--list')).toBe('* main');

  // Refused once, it is known to be.
  const shown = await commandHere(['rehearse', file], {
    home: s.home,
    env: { ...s.env, NO_COLOR: '1' },
    cwd: s.repository.dir,
    columns: 60,
  });
  expect(s.model.requests).toHaveLength(3);
  expect(
    shown.stdout
      .split('\n')
      .map((line) => widthOf(line))
      .filter((width) => width > 60),
  ).toEqual([]);
  expect(shown.stdout.replaceAll(/\s+/g, ' ')).toContain(
    '4 of 13 projects are ready. Would fail, or wait for you: base, tool,',
  );
  expect(shown.stderr).toContain(' of 13');

  const { id } = await s.init('there', '--description', 'Fix the failing test.');
  const ready = await s.json<Rehearsal>('rehearse', id);
  expect(ready).toMatchObject({ ready: true, projects: [{ name: 'there', ready: true }] });
  expect(await s.project(id)).toMatchObject({ status: 'initializing', prepared: false });

  // Killed in the midst of a set-up.
  await writeFile(
    file,
    `projects: [{ name: slow, description: Fix the failing test., lint: false, format: false, setup: sleep 300 }]`,
  );
  const calm = traces(s);
  const killed = startDf(['rehearse', file], { home: s.home, env: s.env, cwd: s.repository.dir });
  await killed.says('slow: set-up');
  await until(() => traces(s).some((path) => path.includes('/.git/worktrees/')), 60_000);
  killed.kill('SIGKILL');
  await killed.exited;
  await until(
    () => traces(s).join() === calm.join(),
    60_000,
    () =>
      traces(s)
        .filter((path) => !calm.includes(path))
        .join(),
  );
  await until(() => processesWith(`DF_HOME=${s.home}`).length === 0, 60_000, 'nobody is left');
});
