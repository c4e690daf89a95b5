import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { capProcesses, sweepGroups, tasksOf } from '../../../src/sandbox/run/process-cap.ts';
import { until } from '../../support/until.ts';
import { makeStage, type Stage } from '../stage.ts';

const LAUNCH = { file: '/bin/true', args: ['x'], env: {}, cwd: '/' };
const PIDS = '/sys/fs/cgroup/pids';
/** Root with control groups of version 1, which can be looked at in one place. */
const able = process.getuid?.() === 0 && existsSync(PIDS);
const current = (name: string) => Number(readFileSync(join(PIDS, name, 'pids.current'), 'utf8'));

/** The control groups of this stage's commands; other tests run commands at the same time. */
function groupsOf(stage: Stage): string[] {
  return stage.processes().flatMap(({ pid }) => {
    try {
      const own = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
      return /:pids:.*\/(dark-factory-[0-9a-f]+)$/m.exec(own)?.[1] ?? [];
    } catch {
      return []; // It has ended.
    }
  });
}

describe('a bound of the kernel on processes', () => {
  it('is left out where there are no control groups that count them', () => {
    expect(capProcesses(LAUNCH, 10, '5:devices:/\n')).toBe(LAUNCH);
    expect(capProcesses(LAUNCH, 10, '')).toBe(LAUNCH);
  });

  it('leaves room for threads', () => {
    expect(tasksOf(512)).toBe(2_304);
  });

  it.skipIf(!able)('leaves no group of a killed process for long', () => {
    const left = join(PIDS, 'dark-factory-0123456789ab');
    mkdirSync(left);
    const own = '8:pids:/\n';
    sweepGroups(new Date(), own);
    expect(existsSync(left)).toBe(true);
    sweepGroups(new Date(Date.now() + 120_000), own);
    expect(existsSync(left)).toBe(false);
  });

  it.skipIf(!able)('holds for the whole command, and the group goes with it', async () => {
    const stage = await makeStage({ sandbox: { maxProcesses: 100 } });
    try {
      const end = new AbortController();
      const running = stage.run('sleep 300 & sleep 300 & wait', { timeoutMs: 300_000, signal: end.signal });
      const mine = await until(() => groupsOf(stage).find((name) => current(name) >= 4));
      expect(Number(readFileSync(join(PIDS, mine, 'pids.max'), 'utf8'))).toBe(tasksOf(100));
      end.abort();
      expect((await running).ended).toBe('aborted');
      await until(() => !existsSync(join(PIDS, mine)), undefined, 'the group is gone');
    } finally {
      await stage.cleanup();
    }
  });
});
