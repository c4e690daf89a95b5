import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Project } from '../../../../src/factory/model/project.ts';
import { makeHome, type TestHome } from '../../../support/home.ts';
import { commandHere } from '../../../support/processes/command.ts';
import { runDf } from '../../../support/processes/processes.ts';
import { makeRepository, type TestRepository } from '../../../support/repository.ts';
import { expectRefusal } from './refusal.ts';

let home: TestHome;
let repository: TestRepository;

beforeAll(async () => {
  home = await makeHome();
  repository = await makeRepository();
});
afterAll(async () => {
  await repository.cleanup();
  await home.cleanup();
});

const options = (stdin = '') => ({ home: home.home, env: repository.env, cwd: repository.dir, stdin });
const df = (args: string[]) => commandHere(args, options());
const program = (args: string[], stdin?: string) => runDf(args, options(stdin));
const init = (name: string, ...args: string[]) => df(['init', name, '--description', 'Do it', ...args]);

/** Neither a project nor a part of one is left. */
async function expectNothingMade(): Promise<void> {
  const left = await readdir(join(home.home, 'data', 'projects')).catch(() => []);
  expect(left).toEqual([]);
  expect(await repository.git('branch', '--list', 'df/*')).toBe('');
}

describe('wrong usage', () => {
  test.each([
    [['strat'], "Unknown command 'strat'", 'Did you mean start?'],
    [['list', '--statsu', 'x'], "Unknown option '--statsu'", 'Did you mean --status?'],
    [['list', '--status', 'sleeping'], '"sleeping"', 'active'],
    [['status'], 'no project yet', 'df init'],
    [['provider', 'frobnicate'], "Unknown command 'frobnicate'", 'df provider --help'],
    [['schedule', 'frobnicate'], "Unknown command 'frobnicate'", 'df schedule --help'],
    [['token', 'add', 'ci'], '--role', 'df token add --help'],
    [['export', 'x', '--format', 'pdf'], '"pdf"', 'markdown, json'],
    [['worker', '--concurrency', 'many'], '--concurrency', '"many"'],
    [['worker', '--queues', 'nothing'], 'nothing', 'agent-steps'],
    [['board', '--port', '99999'], '--port', '65535'],
  ])('%j ends with 2 and says what is wrong and what to do', async (args, ...words) => {
    // Only the program itself can become a worker.
    expectRefusal(await (args[0] === 'worker' ? program(args) : df(args)), 2, ...words);
  });

  test('with --json the error is one document on stderr', async () => {
    const { stdout, stderr, code } = await program(['status', 'nothing-here', '--json']);
    expect([stdout, code]).toEqual(['', 3]);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'project_not_found',
        message: expect.stringContaining('nothing-here'),
        hint: expect.any(String),
      },
    });
    const usage = await program(['list', '--nonsense', '--json']);
    expect(JSON.parse(usage.stderr)).toMatchObject({ error: { code: 'unknown_option' } });
    expect(usage.code).toBe(2);
  });

  test.each([
    ['export', 'x', '--format', 'pdf'],
    [
      'provider',
      'add',
      '--name',
      'openai',
      '--model',
      'no-such-model',
      '--api-key',
      'sk-test-0123456789abcdef',
    ],
    ['provider', 'add', '--name', 'openai', '--model', 'gpt-4o', '--api-key-env', 'NOT_SET', '--rpm', '0'],
  ])('%s … with --json ends with 2 and nothing but the error on stderr', async (...args) => {
    const { stdout, stderr, code } = await df([...args, '--json']);
    expect([stdout, code]).toEqual(['', 2]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: expect.any(String) } });
  });

  test('a misspelt persona is refused by setup as by init, before anything is written', async () => {
    expectRefusal(await df(['setup', '--persona', 'enginer']), 3, 'enginer');
    expect(await readdir(home.home)).not.toContain('config.yaml');
  });
});

describe('what is not there', () => {
  test.each([
    ['status'],
    ['start'],
    ['pause'],
    ['resume'],
    ['stop'],
    ['tasks'],
    ['costs'],
    ['logs'],
    ['export'],
    ['branches'],
    ['gate'],
    ['audit'],
  ])('df %s of an unknown project ends with 3', async (command) => {
    expectRefusal(await df([command, '0123abcd']), 3, '0123abcd');
  });

  test.each([
    [['provider', 'probe', 'x']],
    [['provider', 'remove', 'x']],
    [['provider', 'enable', 'x']],
    [['provider', 'disable', 'x']],
    [['provider', 'set-key', 'x', '--api-key-env', 'X']],
    [['persona', 'show', 'x']],
  ])('%j ends with 3', async (args) => {
    expectRefusal(await df(args), 3, '"x"');
  });

  test('an unknown persona names those there are and makes nothing', async () => {
    expectRefusal(await init('x', '--persona', 'engineer,wizard'), 3, 'wizard', 'engineer, ');
    await expectNothingMade();
  });
});

describe('df init', () => {
  test.each([
    ['--max-runtime', 'abc'],
    ['--max-runtime', '1h30m'],
    ['--max-runtime', '0h'],
    ['--max-runtime', ''],
    ['--budget', '-1'],
    ['--budget', 'NaN'],
    ['--budget', '1e999'],
    ['--budget', '0'],
    ['--budget', ''],
    ['--budget', 'ten'],
    ['--persona', ','],
    ['--test', ''],
  ])('%s %j ends with 2 and makes nothing', async (option, value) => {
    expectRefusal(await init('x', `${option}=${value}`), 2, option);
    await expectNothingMade();
  });

  test.each([
    ['a line break', 'two\nlines'],
    ['an escape sequence', 'x\u001b]0;title\u0007'],
    ['nothing', '   '],
    ['100 KB', 'x'.repeat(100_000)],
  ])('a name of %s ends with 2 and makes nothing', async (_, name) => {
    expectRefusal(await init(name), 2, 'name');
    await expectNothingMade();
  });

  test.each([
    ['a folder that is no repository', 'outside', 'git'],
    ['a folder that is not there', 'nowhere', 'nowhere'],
    ['a bare repository', 'bare', 'bare'],
    ['a repository without commits', 'empty', 'commit'],
  ])('%s ends with 2 and makes nothing', async (_, name, word) => {
    const folder = await mkdtemp(join(tmpdir(), 'bad-'));
    await mkdir(join(folder, 'outside'));
    await repository.gitIn(folder, 'init', '--quiet', '--bare', join(folder, 'bare'));
    await repository.gitIn(folder, 'init', '--quiet', join(folder, 'empty'));
    expectRefusal(await init('x', '--repo', join(folder, name)), 2, word);
    await expectNothingMade();
    await rm(folder, { recursive: true });
  });

  test('a base branch that is not there ends with 2 and makes nothing', async () => {
    expectRefusal(await init('x', '--base', 'develop'), 2, 'develop');
    expectRefusal(await init('x', '--base', '--upload-pack=touch'), 2, '--upload-pack=touch');
    await expectNothingMade();
  });

  test('a description file that is not there ends with 2 and makes nothing', async () => {
    expectRefusal(await df(['init', 'x', '--description', '@missing.md']), 2, 'missing.md');
    expectRefusal(await df(['init', 'x', '--description', '-']), 2, 'description');
    await expectNothingMade();
  });

  test('A56 shell-meta-project: shell characters in a name and a description are text, and the branch name is safe', async () => {
    // Short: it stands in a name three times.
    const planted = join(tmpdir(), 'p');
    const name = `x;touch ${planted} $(touch ${planted}) \`touch ${planted}\``;
    const description = `'; touch ${planted} #\n$(touch ${planted})\n${'long '.repeat(20_000)}`;
    const result = await program(['init', name, '--description', '-', '--no-test', '--json'], description);
    expect(result.code, result.stderr).toBe(0);
    const project = JSON.parse(result.stdout) as Project;
    expect(project.name).toBe(name);
    expect(project.description).toBe(description.trim());
    expect(project.workBranch).toMatch(/^df\/[a-z0-9-]+\/\d{4}-\d{2}-\d{2}$/);
    expect(existsSync(planted)).toBe(false);
    expect((await df(['stop', project.id, '--reason', 'over'])).code).toBe(0);
  });

  test('a detached HEAD and a dirty checkout are taken: the commit counts, and the owner is told', async () => {
    const other = await makeRepository();
    try {
      await other.git('checkout', '--quiet', '--detach');
      await other.write('README.md', 'changed\n');
      const result = await runDf(['init', 'detached', '--description', 'Do it', '--no-test', '--json'], {
        home: home.home,
        env: other.env,
        cwd: other.dir,
      });
      expect(result.code, result.stderr).toBe(0);
      expect(result.stderr).toContain('not committed');
      const project = JSON.parse(result.stdout) as Project;
      expect(project.baseCommit).toBe(await other.git('rev-parse', 'HEAD'));
      expect(await other.git('status', '--porcelain')).toBe(' M README.md');
      expect((await df(['stop', project.id])).code).toBe(0);
    } finally {
      await other.cleanup();
    }
  });
});
