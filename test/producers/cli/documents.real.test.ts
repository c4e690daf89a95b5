import { rename } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { FactoryEvent } from '../../../src/factory/model/event.ts';
import type { ProviderConfig } from '../../../src/factory/model/money/finance.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { Report } from '../../../src/factory/report/report-types.ts';
import type { TimeSpent } from '../../../src/factory/report/time-spent.ts';
import { waitForRequests } from '../../support/model.ts';
import { runDf, startDf } from '../../support/processes/processes.ts';
import { call, type Scenario, scenario, sequence } from '../../support/scenario.ts';

interface Status {
  project: Project;
  tasks: Record<string, number>;
  agents: { personaName: string; status: string }[];
  gate?: { passed: boolean };
  audit?: { passed: boolean };
  workers: number | null;
  waiting?: { for: string };
  time: TimeSpent;
}

const begin = (s: Scenario, ...args: string[]) =>
  startDf(args, { home: s.home, env: s.env, cwd: s.repository.dir });

describe('the documents', () => {
  test('status, list, tasks, costs, logs, branches, export and gate are as the contract says', async () => {
    const s = await scenario();
    const project = await s.init('fix');
    await s.worker();
    expect((await s.df('start', project.id.slice(0, 8), '--wait')).code).toBe(0);

    const status = await s.json<Status>('status', 'fix');
    expect(status).toMatchObject({
      project: { id: project.id, status: 'completed' },
      tasks: { total: 1, completed: 1, pending: 0, in_progress: 0, blocked: 0, skipped: 0 },
      agents: [{ personaName: 'engineer', status: 'completed' }],
      gate: { passed: true },
      audit: { passed: true },
      workers: 1,
    });
    expect(status).not.toHaveProperty('waiting');
    const parts = Object.values(status.time.spent).reduce((sum, ms) => sum + ms, 0);
    expect(parts).toBe(status.time.wallMs);
    for (const part of ['setup', 'gates', 'audits', 'working'] as const)
      expect([part, status.time.spent[part] > 0]).toEqual([part, true]);

    const listed = await s.json<Project[]>('list', '--status', 'completed');
    expect(listed.map(({ id }) => id)).toEqual([project.id]);
    expect(await s.json('list', '--status', 'active')).toEqual([]);

    const costs = await s.costs('fix');
    expect(costs.byProvider).toMatchObject([{ provider: 'main', requests: s.model.ledger.length }]);

    const lines = (await s.df('logs', 'fix', '-f', '--json')).stdout.trim().split('\n');
    const events = lines.map((line) => JSON.parse(line) as FactoryEvent);
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['project.created', 'project.completed']),
    );
    expect((await s.df('logs', 'fix', '-n', '1', '--json')).stdout.trim().split('\n')).toEqual(
      lines.slice(-1),
    );

    expect(await s.json('branches', 'fix')).toMatchObject({ project: { id: project.id }, children: [] });

    const report = JSON.parse((await s.df('export', 'fix', '--format', 'json')).stdout) as Report;
    expect(report).toMatchObject({
      outcome: { status: 'completed' },
      asked: 'Fix fix.',
      diff: { files: 1 },
      tasks: { proved: [{ title: 'Make add add' }], claimed: [] },
      time: { spent: status.time.spent },
      dropped: { claims: [], blocked: [], skipped: [] },
    });
    const file = `${s.home}/report.md`;
    expect((await s.df('export', 'fix', '--output', file)).stdout).toBe('');
    const { readFile } = await import('node:fs/promises');
    expect(await readFile(file, 'utf8')).toContain('## Proved (1)');

    for (const command of ['status', 'list', 'tasks', 'costs', 'logs', 'branches', 'export']) {
      const { stdout, code } = await s.df(command, ...(command === 'list' ? [] : ['fix']));
      expect([command, code, stdout.includes('\u001b')]).toEqual([command, 0, false]);
    }
  });

  test('a key is kept sealed, shown by its last four characters, and never printed', async () => {
    const s = await scenario();
    const key = 'sk-secret-of-the-second-one-4321';
    const env = { ...s.env };
    const piped = startDf(
      [
        'provider',
        'add',
        '--name',
        'openai',
        '--model',
        'gpt-5-mini',
        '--id',
        'second',
        '--api-key-stdin',
        '--json',
      ],
      { home: s.home, env, stdin: `${key}\n` },
    );
    const added = await piped.exited;
    expect(added.code, added.stderr).toBe(0);
    const listed = await s.df('provider', 'list', '--json');
    const providers = JSON.parse(listed.stdout) as ProviderConfig[];
    expect(providers.find(({ id }) => id === 'second')?.apiKey).toMatch(/^\*+4321$/);
    const shown = await s.df('provider', 'list');
    for (const { stdout, stderr } of [added, listed, shown]) expect(`${stdout}${stderr}`).not.toContain(key);
    const { readFile } = await import('node:fs/promises');
    expect(await readFile(`${s.home}/providers.yaml`, 'utf8')).not.toContain(key);
  });

  test('providers are probed, switched off and on, given a new key, and removed', async () => {
    const s = await scenario();
    expect(await s.json('provider', 'probe', 'main')).toMatchObject({ providerId: 'main', healthy: true });
    expect(await s.json('provider', 'disable', 'main')).toMatchObject({ enabled: false });
    expect((await s.df('provider', 'probe', 'main')).code).toBe(1);
    expect(await s.json('provider', 'enable', 'main')).toMatchObject({ enabled: true });
    expect(await s.json('provider', 'set-key', 'main', '--api-key', 'sk-another-key-9876')).toMatchObject({
      apiKey: '****9876',
    });
    expect(await s.json('provider', 'probe', 'main')).toMatchObject({ healthy: true });
    expect(s.model.requests.at(-1)?.key).toBe('sk-another-key-9876');
    expect((await s.df('provider', 'remove', 'main')).code).toBe(0);
    expect(await s.json('provider', 'list')).toEqual([]);
  });

  test('a gate and an audit that were asked for by hand are waited for, and tell by their exit code', async () => {
    const s = await scenario({ script: sequence([call('bash', { command: 'sleep 20' })]) });
    await s.init('fix');
    await s.worker();
    const waiting = begin(s, 'start', 'fix', '--wait');
    await waitForRequests(s.model, 1);
    const gate = await s.df('gate', 'fix', '--json');
    expect(gate.code, gate.stderr).toBe(1);
    expect(JSON.parse(gate.stdout)).toMatchObject({ kind: 'manual', passed: false });
    const audit = await s.df('audit', 'fix', '--json');
    expect(JSON.parse(audit.stdout)).toMatchObject({ kind: 'manual' });
    expect((await s.df('stop', 'fix')).code).toBe(0);
    await waiting.exited;
  });

  test('two gates that are asked for at once both come back, and one that cannot be run says so', async () => {
    const s = await scenario();
    await s.init('fix');
    const both = [begin(s, 'gate', 'fix', '--json'), begin(s, 'gate', 'fix', '--json')];
    await Promise.all(both.map((each) => each.says('Asked for the gate')));
    await s.worker();
    const reports = await Promise.all(both.map(({ exited }) => exited));
    const ids = reports.map(({ stdout }) => (JSON.parse(stdout) as { id: string }).id);
    expect(new Set(ids).size).toBe(2);
    await rename(s.repository.dir, `${s.repository.dir}-moved`);
    const gone = await runDf(['gate', 'fix', '--json'], { home: s.home, env: s.env });
    await rename(`${s.repository.dir}-moved`, s.repository.dir);
    expect([gone.code, gone.stdout]).toEqual([1, '']);
    expect(gone.stderr).toContain('"not_run"');
  });
});
