import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

const df = (args: string[]) =>
  commandHere(args, { home: home.home, env: repository.env, cwd: repository.dir });
const init = (name: string, ...args: string[]) => df(['init', name, '--description', 'Do it', ...args]);

async function projects(): Promise<Project[]> {
  return JSON.parse((await df(['list', '--json'])).stdout) as Project[];
}

test('a file in the place of the home ends with 2 and is left alone', async () => {
  const file = join(home.home, 'no-folder');
  await writeFile(file, 'mine');
  for (const place of [file, join(file, 'below')]) {
    expectRefusal(await runDf(['list'], { home: place, env: repository.env, cwd: repository.dir }), 2, place);
  }
  expect(await readFile(file, 'utf8')).toBe('mine');
  await rm(file);
});

describe('files of the home', () => {
  const BOMB = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
    .split('')
    .map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}]`)
    .join('\n')}\n`;

  test.each([
    ['no YAML', 'redis: [unclosed', 'config.yaml'],
    ['an alias bomb', BOMB, 'config.yaml'],
    ['deep nesting', '['.repeat(100_000), 'config.yaml'],
    ['a wrong value', 'defaultMaxRuntime: soon\n', '"soon"'],
  ])('config.yaml with %s ends with 2 and names the file', async (_, text, word) => {
    const other = await makeHome();
    try {
      await writeFile(join(other.home, 'config.yaml'), text);
      const result = await commandHere(['list'], { home: other.home, env: repository.env });
      expectRefusal(result, 2, 'config.yaml', word);
    } finally {
      await other.cleanup();
    }
  });

  test('an unknown key of config.yaml is a warning', async () => {
    const other = await makeHome();
    try {
      await writeFile(join(other.home, 'config.yaml'), 'pollInterval: 1m\n');
      const result = await runDf(['list'], { home: other.home, env: repository.env });
      expect(result.code).toBe(0);
      expect(result.stderr).toContain('pollInterval');
    } finally {
      await other.cleanup();
    }
  });

  test('the emergency stop works whatever stands in config.yaml, and says what does not', async () => {
    for (const text of ['a: [1\n', 'agent:\n  modelTimeout: banana\n']) {
      const other = await makeHome();
      try {
        const run = (...args: string[]) =>
          commandHere(args, { home: other.home, env: repository.env, cwd: repository.dir });
        await writeFile(join(other.home, 'config.yaml'), text);
        const stopped = await run('stop', '--all', '--reason', 'Enough.');
        expect(stopped.code, stopped.stderr).toBe(0);
        expect(stopped.stdout).toContain('The factory is halted.');
        expect(stopped.stderr).toContain('config.yaml');
        expect(await readFile(join(other.home, 'STOP'), 'utf8')).toContain('Enough.');
        expectRefusal(await run('resume', '--all'), 2, 'config.yaml');
      } finally {
        await other.cleanup();
      }
    }
  });

  test.each([
    ['config.yaml', ['list'], 4],
    ['config.yaml', ['stop', '--all'], 0],
    ['config.yaml', ['doctor'], 4],
    ['providers.yaml', ['provider', 'list'], 4],
    ['providers.yaml', ['stop', '--all'], 0],
    ['prices.json', ['prices'], 0],
    ['data/events.jsonl', ['stop', '--all'], 0],
  ])('with a named pipe as %s, df %j waits for nobody', async (file, args, code) => {
    const other = await makeHome();
    try {
      const pipe = join(other.home, file);
      await mkdir(dirname(pipe), { recursive: true });
      execFileSync('mkfifo', [pipe]);
      const options = { home: other.home, env: repository.env, deadline: 60_000 };
      const { code: ended, stdout, stderr } = await runDf(args, options);
      expect(ended, stdout + stderr).toBe(code);
      if (code !== 0) expect(stdout + stderr).toContain(`${file}: it is a socket or pipe`);
    } finally {
      await other.cleanup();
    }
  });

  test('a project whose document is cut is not told as one that never was', async () => {
    const id = (
      JSON.parse((await init('cut', '--no-test', '--no-lint', '--no-format', '--json')).stdout) as Project
    ).id;
    const file = join(home.home, 'data/projects', id, 'project.yaml');
    const whole = await readFile(file);
    await writeFile(file, '');
    expectRefusal(await df(['pause', 'cut']), 3, file);
    await writeFile(file, whole);
    expect((await df(['tasks', 'cut'])).code).toBe(0);
  });

  test('a providers.yaml that is a folder is not told as no provider', async () => {
    const other = await makeHome();
    try {
      await mkdir(join(other.home, 'providers.yaml'));
      const { stdout } = await runDf(['health'], { home: other.home, env: repository.env });
      expect(stdout).toContain('providers.yaml: it is a folder');
      expect(stdout).not.toMatch(/no provider/i);
    } finally {
      await other.cleanup();
    }
  });

  test('a providers.yaml edited into nonsense is named and stays as it is', async () => {
    const other = await makeHome();
    try {
      const file = join(other.home, 'providers.yaml');
      await writeFile(file, 'providers:\n  - id: [\n', { mode: 0o600 });
      const result = await commandHere(['provider', 'list'], { home: other.home, env: repository.env });
      expectRefusal(result, 4, 'providers.yaml');
      const { readFile } = await import('node:fs/promises');
      expect(await readFile(file, 'utf8')).toBe('providers:\n  - id: [\n');
    } finally {
      await other.cleanup();
    }
  });

  test('a persona file with an alias bomb is refused by validate and by init', async () => {
    const file = join(repository.dir, 'personas', 'bomber.md');
    await mkdir(join(repository.dir, 'personas'), { recursive: true });
    await writeFile(file, `---\nname: bomber\n${BOMB}---\n\nText\n`);
    const validated = await df(['persona', 'validate', file]);
    expect(validated.code).toBe(2);
    expect(validated.stdout).toContain('bomber.md');
    expectRefusal(await init('x', '--persona', 'bomber'), 2, 'bomber.md');
    await rm(join(repository.dir, 'personas'), { recursive: true });
  });
});

test('while the master key is lost no second one is made beside the keys that it sealed', async () => {
  const other = await makeHome();
  try {
    const run = (...args: string[]) =>
      runDf([...args, '--api-key', 'sk-test-0123456789abcdef'], { home: other.home, env: repository.env });
    const add = (id: string) => run('provider', 'add', '--name', 'openai', '--model', 'gpt-4o', '--id', id);
    expect((await add('first')).code).toBe(0);
    await rm(join(other.home, 'master.key'));
    expectRefusal(await add('second'), 4, 'master.key');
    expectRefusal(await runDf(['setup'], { home: other.home, env: repository.env }), 4, 'master.key');
    expect((await run('provider', 'set-key', 'first')).code).toBe(0);
    expect((await add('second')).code).toBe(0);
  } finally {
    await other.cleanup();
  }
});

describe('Redis', () => {
  test('A08 redis-down-cli: start and run with Redis away end with 4 and leave no half-made project', async () => {
    const project = JSON.parse((await init('redis-away', '--no-test', '--json')).stdout) as Project;
    const env = { ...repository.env, REDIS_URL: 'redis://127.0.0.1:1' };
    const away = (...args: string[]) => runDf(args, { home: home.home, env, cwd: repository.dir });
    const before = (await projects()).length;
    expectRefusal(await away('start', project.id), 4, 'redis://127.0.0.1:1');
    expectRefusal(await away('run', 'other', '--description', 'Do it'), 4, 'redis://127.0.0.1:1');
    const after = await projects();
    expect(after).toHaveLength(before);
    expect(after.find(({ id }) => id === project.id)).toMatchObject({
      started: false,
      status: 'initializing',
    });
    // Looking needs no Redis, and says that it cannot see the workers.
    const status = await away('status', project.id, '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({ workers: null, project: { id: project.id } });
  });

  test('A08 redis-down-cli: stop ends a project with Redis away, and says that workers learn of it later', async () => {
    const project = JSON.parse((await init('to-stop', '--no-test', '--json')).stdout) as Project;
    const env = { ...repository.env, REDIS_URL: 'redis://127.0.0.1:1' };
    const stopped = await runDf(['stop', project.id, '--json'], {
      home: home.home,
      env,
      cwd: repository.dir,
    });
    expect(stopped.code, stopped.stderr).toBe(0);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ id: project.id, status: 'failed' });
    expect(stopped.stderr).toContain('Redis does not answer');
  });

  test('an address that is none is not repeated', async () => {
    const env = { ...repository.env, REDIS_URL: 'secret-host-without-scheme' };
    const options = { home: home.home, env, cwd: repository.dir };
    const refused = await runDf(['health'], options);
    expect(refused.stdout + refused.stderr).toContain('The Redis address is not usable');
    expect(refused.stdout + refused.stderr).not.toContain('secret-host');
  });
});
