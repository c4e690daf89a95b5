import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { config } from '../../../../src/factory/config/config.ts';
import { type ConfigKey, configKeys } from '../../../../src/factory/config/config-keys.ts';
import { ok } from '../../../../src/factory/diagnosis/check.ts';
import { DarkFactoryError } from '../../../../src/lib/failure.ts';
import { look } from '../../../../src/producers/cli/commands/doctor/look.ts';
import {
  judgeClock,
  judgeGit,
  judgeMachine,
} from '../../../../src/producers/cli/commands/doctor/machine-checks.ts';
import { workersIn } from '../../../../src/producers/documents/workers.ts';
import { configTemplate, valueText } from '../../../../src/state/home/config-template.ts';

const GIB = 1024 ** 3;

describe('what the doctor thinks', () => {
  test.each([
    ['git version 2.39.5', 'ok'],
    ['git version 2.25.0', 'ok'],
    ['git version 2.24.9', 'fail'],
    ['git version 1.9.1', 'fail'],
    ['git version 2.50.1 (Apple Git-155)', 'ok'],
    ['nonsense', 'fail'],
  ])('of %s is: %s', (said, status) => {
    expect(judgeGit(said).status).toBe(status);
  });

  test.each([
    [20, 5, 'ok'],
    [-4_000, 10, 'ok'],
    [6_000, 10, 'warn'],
    [-90_000, 10, 'warn'],
    // Half of the way there and back may be the whole difference.
    [6_000, 3_000, 'ok'],
  ])('of a clock %i ms ahead of Redis, asked in %i ms, is: %s', (ahead, took, status) => {
    expect(judgeClock(ahead, took).status).toBe(status);
  });

  test.each([
    [16, 'ok'],
    [3.7, 'ok'],
    [2, 'warn'],
  ])('of a machine with %f GiB of memory is: %s', (total, status) => {
    expect(judgeMachine(total * GIB).status).toBe(status);
  });

  test('one broken look is a failed check with its remedy, and hides no other', async () => {
    const broken = await look('redis', async () => {
      throw new DarkFactoryError('environment', 'x', 'Redis is away', 'start it');
    });
    expect(broken).toEqual([{ name: 'redis', status: 'fail', detail: 'Redis is away', remedy: 'start it' }]);
    const surprising = await look('disk', async () => {
      throw new Error('EIO\nstack');
    });
    expect(surprising).toMatchObject([{ name: 'disk', status: 'fail', detail: 'could not be checked: EIO' }]);
    expect(await look('git', async () => ok('git', 'x'))).toEqual([ok('git', 'x')]);
  });
});

describe('workers', () => {
  const encoded = (queue: string) => Buffer.from(queue).toString('base64');

  test('are counted by the queue that has most of them, of this home alone', () => {
    const list = [
      `id=1 addr=x name=df-1:${encoded('agent-steps')} cmd=bzpopmin`,
      `id=2 addr=x name=df-1:${encoded('agent-steps')} cmd=bzpopmin`,
      `id=3 addr=x name=df-1:${encoded('audits')}:w:named cmd=bzpopmin`,
      `id=4 addr=x name=df-2:${encoded('agent-steps')} cmd=bzpopmin`,
      `id=5 addr=x name=df-1:${encoded('agent-steps')}:qe cmd=xread`,
      'id=6 addr=x name= cmd=client',
    ].join('\n');
    expect(workersIn(list, 'df-1')).toMatchObject({ count: 2 });
    expect(workersIn('', 'df-1')).toEqual({ count: 0, versions: {} });
  });

  test('are told apart by the version in their name', () => {
    const client = (queue: string, name: string) => `id=1 name=df-1:${encoded(queue)}${name} cmd=bzpopmin`;
    const list = [
      ...['agent-steps', 'audits'].map((queue) => client(queue, ':w:df-0.1.0')),
      ...['agent-steps', 'agent-steps', 'audits'].map((queue) => client(queue, ':w:df-0.2.0')),
      client('audits', ''),
    ].join('\n');
    expect(workersIn(list, 'df-1')).toEqual({
      count: 3,
      versions: { '0.1.0': 1, '0.2.0': 2, unknown: 1 },
    });
  });
});

describe('the configuration that setup writes', () => {
  test('sets nothing that was not chosen', () => {
    expect(parse(configTemplate({}))).toBeNull();
  });

  test('holds what was chosen, whatever characters it has', () => {
    const chosen = { redisUrl: 'redis://u:"p#w@host:6379', maxRuntime: '90m', personas: ['engineer', 'no'] };
    expect(parse(configTemplate(chosen))).toEqual({
      defaultMaxRuntime: '90m',
      defaultPersonas: ['engineer', 'no'],
      redis: { url: 'redis://u:"p#w@host:6379' },
    });
  });

  test('shows only settings that exist, each with its true default', () => {
    const all = (keys: readonly ConfigKey[]): ConfigKey[] =>
      keys.flatMap((key) => [key, ...all(key.keys ?? [])]);
    const examples = all(configKeys())
      .filter((key) => key.example !== undefined)
      .map((key) => `${key.name}: ${valueText(key.example)}`);
    const lines = configTemplate({})
      .split('\n')
      .filter((line) => !line.startsWith('##'))
      .map((line) => line.replace(/^# /, ''));
    expect(examples.filter((line) => !lines.some((each) => each.trim() === line))).toEqual([]);
    config.strict().parse(parse(lines.slice(2).join('\n')));
    const shown = parse(
      lines
        .slice(2)
        .filter(
          (line) => !examples.includes(line.trim()) && !/^ *(redis|budgets|tiers|escalate):$/.test(line),
        )
        .join('\n'),
    );
    expect(config.strict().parse(shown)).toEqual(config.parse({}));
  });
});
