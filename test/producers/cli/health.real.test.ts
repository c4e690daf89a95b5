import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Health } from '../../../src/producers/health/examine.ts';
import { startDf } from '../../support/processes/processes.ts';
import { scenario } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

describe('df health', () => {
  test('is a look at everything, with an exit code for machines', async () => {
    const s = await scenario();
    const { id, worktreePath } = await s.init('healthy');
    await s.worker();
    expect((await s.df('start', id, '--wait')).code).toBe(0);
    const before = JSON.parse((await s.df('health', '--json')).stdout) as Health;
    // Whatever else this machine suffers from, nothing of the factory is wrong.
    const ours = before.problems.filter(
      ({ part }) => part !== 'disk' && part !== 'memory' && part !== 'redis',
    );
    expect(ours).toEqual([]);
    expect(before).toMatchObject({
      halted: null,
      workers: 1,
      state: { projects: 1, open: 0, unreadable: [] },
      providers: [{ id: 'main', state: 'ready' }],
      queues: { notifications: { waiting: 0, oldestWaitMs: 0 } },
    });
    await rm(worktreePath, { recursive: true, force: true });
    await s.df('stop', '--all');
    const halted = await s.df('health');
    expect(halted.code).toBe(4);
    expect(halted.stdout).toContain('The factory is halted');
    const logged = await until(async () => {
      const { stdout } = await s.df('logs', '--level', 'warn', '-n', '1');
      return stdout.includes('worker halted: Halted by its owner.') ? stdout : null;
    }, 20_000);
    expect(logged.trim().split('\n')).toHaveLength(1);
    await s.df('resume', '--all');
    await s.redis.stop();
    const dark = await s.df('health', '--json');
    expect(dark.code).toBe(4);
    expect(JSON.parse(dark.stdout)).toMatchObject({ redis: null, workers: null, state: { projects: 1 } });
  });

  test('the board serves /healthz and the metrics of a project that was worked off', async () => {
    const s = await scenario();
    const { id } = await s.init('measured');
    await s.worker();
    expect((await s.df('start', id, '--wait')).code).toBe(0);
    const board = startDf(['board', '--port', '0', '--json'], {
      home: s.home,
      env: s.env,
      cwd: s.repository.dir,
    });
    const url = await until(() => /"url":"([^"]+)"/.exec(board.stdout())?.[1], 20_000, 'the board is up');
    const { origin, searchParams } = new URL(url);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    const answer = await fetch(`${origin}/metrics`, {
      headers: { authorization: `Bearer ${searchParams.get('token')}` },
    });
    const text = await answer.text();
    expect(text).toContain('df_projects{status="completed"} 1\n');
    expect(text).toMatch(/df_cost_usd\{provider="main"\} 0\.\d+/);
    expect(text).toMatch(/df_requests_timed\{provider="main"\} 7\n/);
    expect(text).toMatch(/df_gate_checks\{check="tests",outcome="passed"\} 1\n/);
    expect(text).toMatch(/df_gate_checks\{check="criteria",outcome="passed"\} 1\n/);
    expect(text).toMatch(/bullmq_job_count\{queue="agent-steps",state="completed"\} [1-9]/);
    expect(text).not.toContain(id);
    await board.stop();
  });
});
