import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { processIds, readProc } from '../../../src/lib/process/others.ts';
import { createStarter } from '../../../src/sandbox/run/starter.ts';
import { until } from '../../support/until.ts';
import { makeStage, type Stage } from '../stage.ts';

/** The starters of this process. */
const starters = (): number[] =>
  (processIds() ?? []).filter(
    (pid) =>
      readProc(pid, 'cmdline')?.includes('df_launch') === true &&
      readProc(pid, 'status')?.includes(`\nPPid:\t${process.pid}\n`) === true,
  );

describe.runIf(process.platform === 'linux')('the process that starts sandboxes', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await makeStage({ sandbox: { mode: 'bubblewrap' } });
  });
  afterAll(() => stage.cleanup());
  afterEach(() => expect(stage.processes(), 'processes left').toEqual([]));

  it('gives a command no more than a worker would: no ignored signal, no open file, no variable of its own', async () => {
    const { output, exitCode } = await stage.run(
      'grep SigIgn /proc/self/status; ls -l /proc/self/fd; env; exit 3',
      { env: { ODD: `it's "$HOME" \`x\`\n\\` } },
    );
    expect(exitCode).toBe(3);
    expect(output).toMatch(/^SigIgn:\t0+$/m);
    expect(output).not.toMatch(/df_|BASHPID|OLDPWD/);
    // What this process itself was started with goes on to all that it starts.
    const fds = [...output.matchAll(/ (\d+) -> /g)].map(([, fd]) => Number(fd)).filter((fd) => fd < 10);
    expect(fds).toEqual([0, 1, 2, 3]);
    expect(output).toContain(`ODD=it's "$HOME" \`x\`\n\\\n`);
  });

  it('is one for all commands, collects those that have ended, and is not needed for a name that no shell can set', async () => {
    await Promise.all(Array.from({ length: 5 }, () => stage.run('true')));
    await stage.run('true');
    const [pid, ...more] = starters();
    expect(more).toEqual([]);
    const children =
      readProc(pid ?? 0, `task/${pid}/children`)
        ?.trim()
        .split(' ') ?? [];
    expect(children.length).toBeLessThanOrEqual(1);
    const takes = (env: Record<string, string>) =>
      createStarter()?.takes({ file: '', args: [], env, cwd: '/' });
    expect([takes({ A_1: 'x' }), takes({ 'a.b': 'x' }), takes({ UID: '0' })]).toEqual([true, false, false]);
  });

  it('ended from outside, loses its commands as failures and not as results, and the next command has another', async () => {
    const lost = stage.run('echo begun; sleep 999');
    const said = expect(lost).rejects.toMatchObject({ kind: 'environment', code: 'sandbox_failed' });
    await until(() => stage.processes().some(({ command }) => command === 'sleep 999'));
    const [pid = 0] = starters();
    process.kill(pid, 'SIGKILL');
    await said;
    await until(() => stage.processes().length === 0, 10_000);
    // Until this process has heard of it.
    await sleep(100);
    expect(await stage.run('echo again')).toMatchObject({ exitCode: 0, output: 'again\n' });
    expect(starters()).not.toContain(pid);
  });

  it('that stands still holds up no end: what it was to start is given up with it', async () => {
    await stage.run('true');
    const [pid = 0] = starters();
    process.kill(pid, 'SIGSTOP');
    expect(await stage.run('touch started', { timeoutMs: 200 })).toMatchObject({
      exitCode: null,
      ended: 'timeout',
    });
    await sleep(200);
    expect((await stage.run('ls')).output).not.toContain('started');
  });
});
