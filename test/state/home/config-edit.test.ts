import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createProcesses } from '../../../src/lib/process/process.ts';
import { createLocks } from '../../../src/state/files/lock.ts';
import {
  findSetting,
  setInConfig,
  settings,
  settingValue,
  withValue,
} from '../../../src/state/home/config-edit.ts';
import { parseConfig } from '../../../src/state/home/config-file.ts';
import { configTemplate } from '../../../src/state/home/config-template.ts';

describe('a setting that is changed', () => {
  const text = `# mine
redis:
  # url: x
  # no url yet
board: {port: 5} # the second board
agent:
  idleTurns: 7 # patient
`;

  test('leaves every comment where it was', () => {
    const after = withValue(withValue(text, 'agent.idleTurns', '9'), 'redis.prefix', 'p');
    for (const comment of ['# mine', '# url: x', '# no url yet', '{port: 5} # the second board'])
      expect(after).toContain(comment);
    expect(after).toContain('idleTurns: 9 # patient');
    expect(after).toMatch(/^redis:\n {2}prefix: p$/m);
  });

  test('leaves every line of what setup wrote', () => {
    const template = configTemplate({ personas: ['engineer', 'tester'], redisUrl: 'redis://x:1' });
    const after = withValue(template, 'workers.concurrency', '4');
    const lines = after.split('\n').map((line) => line.trim());
    for (const line of template.split('\n')) expect(lines).toContain(line.trim());
    expect(after).toContain('workers:\n  concurrency: 4\n');
  });

  test.each([
    ['workers.concurrency', '4', 'workers:\n  concurrency: 4\n'],
    ['defaultMaxRuntime', '90m', 'defaultMaxRuntime: 90m\n'],
    ['defaultPersonas', '[engineer, tester]', 'defaultPersonas:\n  - engineer\n  - tester\n'],
    ['sandbox.setupNetwork', 'true', 'sandbox:\n  setupNetwork: true\n'],
    // A text all the same.
    ['redis.prefix', '007', 'redis:\n  prefix: "007"\n'],
    ['dataDir', ': x [', 'dataDir: ": x ["\n'],
  ])('is written as YAML: %s %s', (path, typed, expected) => {
    expect(withValue('', path, typed)).toBe(expected);
  });

  test('is added beside a list that stands for a group', () => {
    const text = 'notifications:\n  # mine\n  - {type: command, command: bell}\n';
    expect(withValue(text, 'notifications.heartbeat.url', 'env:DOG')).toBe(
      'notifications:\n  targets:\n    # mine\n    - {type: command, command: bell}\n  heartbeat:\n    url: env:DOG\n',
    );
  });

  test('is taken out by null, with what held nothing else', () => {
    expect(withValue('board:\n  port: 5\nlogLevel: warn\n', 'board.port', 'null')).toBe(
      'board:\nlogLevel: warn\n',
    );
    expect(withValue('# mine\n', 'board.port', 'null')).toBe('# mine\n');
  });

  test.each([
    ['workers.concurrency', 'abc', 'workers.concurrency: Invalid input: expected number, received string'],
    ['workers.concurrency', '0', 'workers.concurrency: Too small: expected number to be >=1'],
    ['defaultMaxRuntime', '30', 'defaultMaxRuntime: "30" is no duration; write 12h, 30m, 45s or 500ms'],
    ['git.sign', 'true', 'git.signingKey: is needed for git.sign'],
    ['sandbox.memory', '&a 5', 'sandbox.memory: Invalid input: expected number, received string'],
  ])('%s %s is refused in the words of the schema', (path, typed, message) => {
    expect(() => withValue('', path, typed)).toThrow(message);
  });

  const broken = `# mine
workers:
  concurrency: abc # too many?
  grace: soon
board: 5
colour: red
`;

  test('mends a file that cannot be used, one key after the other, and nothing else of it is lost', () => {
    const first = withValue(broken, 'workers.concurrency', '4');
    expect(first).toBe(broken.replace('abc', '4'));
    const second = withValue(first, 'workers.grace', 'null');
    const third = withValue(withValue(second, 'board.port', '99'), 'colour', 'null');
    expect(third).toBe('# mine\nworkers:\n  concurrency: 4 # too many?\nboard:\n  port: 99\n');
  });

  test('is still refused when it is wrong itself, or makes wrong what was right', () => {
    expect(() => withValue(broken, 'workers.concurrency', 'xyz')).toThrow(
      'workers.concurrency: Invalid input',
    );
    expect(() => withValue(broken, 'git.sign', 'true')).toThrow('git.signingKey: is needed');
  });

  test('names every fault with its line and key', () => {
    expect(() => parseConfig('config.yaml', broken)).toThrow(
      /workers\.concurrency: .* \(line 3\); workers\.grace: .* \(line 4\); board: .* \(line 5\)/,
    );
  });
});

test('a file that says so already is not written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'config-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'config.yaml');
  const change = (path: string, typed: string) =>
    setInConfig(file, { path }, typed, createLocks(createProcesses()));
  expect(await change('defaultMaxRuntime', 'null')).toBe(false);
  await expect(readFile(file, 'utf8')).rejects.toThrow('ENOENT');
  expect(await change('defaultMaxRuntime', '2h')).toBe(true);
  const { ino } = await stat(file);
  expect(await change('timezone', 'null')).toBe(false);
  expect((await stat(file)).ino).toBe(ino);
});

test('a setting is found by its whole name, and a slip is told', () => {
  expect(findSetting('board.port').fallback).toBe(3737);
  expect(() => findSetting('boart.port')).toThrow(
    expect.objectContaining({ hint: 'Did you mean board.port?' }),
  );
  expect(() => findSetting('board')).toThrow(
    expect.objectContaining({ hint: 'Name one: board.host, board.port.' }),
  );
  expect(() => findSetting('__proto__')).toThrow('There is no setting');
});

test('every setting has its default, or none', () => {
  for (const setting of settings()) {
    const { value, isDefault } = settingValue(setting, {});
    expect(isDefault).toBe(true);
    expect(value).not.toBeUndefined();
  }
  expect(settingValue(findSetting('board.port'), { board: { port: 0 } })).toEqual({
    value: 0,
    isDefault: false,
  });
});
