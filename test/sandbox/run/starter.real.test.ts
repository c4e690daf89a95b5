import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { framed } from '../../../src/lib/process/frames.ts';
import { processIds, readProc } from '../../../src/lib/process/others.ts';
import { createStarter, LOOP } from '../../../src/sandbox/run/starter.ts';
import { until } from '../../support/until.ts';
import { makeStage, type Stage } from '../stage.ts';

/** The starters of this process. */
const starters = (): number[] =>
  (processIds() ?? []).filter(
    (pid) =>
      readProc(pid, 'cmdline')?.includes('jobs > /dev/null') === true &&
      readProc(pid, 'status')?.includes(`\nPPid:\t${process.pid}\n`) === true,
  );

/** Of none that was found the id would be that of everybody here. */
function theStarter(): number {
  const [pid] = starters();
  if (pid === undefined) throw new Error('this process has no starter');
  return pid;
}

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

  it('is one for all commands, collects those that have ended, and is not needed for what no shell can set', async () => {
    await Promise.all(Array.from({ length: 5 }, () => stage.run('true')));
    await stage.run('true');
    const [pid, ...more] = starters();
    expect(more).toEqual([]);
    const children =
      readProc(pid ?? 0, `task/${pid}/children`)
        ?.trim()
        .split(' ') ?? [];
    expect(children.length).toBeLessThanOrEqual(1);
    const takes = (env: Record<string, string>): boolean | undefined =>
      createStarter()?.takes({ file: '', args: [], env, cwd: '/' });
    const taken = [{ A_1: 'x' }, { 'a.b': 'x' }, { UID: '0' }, { A: 'x\0y' }].map(takes);
    expect(taken).toEqual([true, false, false, false]);
  });

  it('ended from outside, loses its commands as failures and not as results, and the next command has another', async () => {
    const lost = stage.run('echo begun; sleep 999');
    const said = expect(lost).rejects.toMatchObject({ kind: 'environment', code: 'sandbox_failed' });
    await until(() => stage.processes().some(({ command }) => command === 'sleep 999'));
    const pid = theStarter();
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
    const pid = theStarter();
    process.kill(pid, 'SIGSTOP');
    expect(await stage.run('touch started', { timeoutMs: 200 })).toMatchObject({
      exitCode: null,
      ended: 'timeout',
    });
    await sleep(200);
    expect((await stage.run('ls')).output).not.toContain('started');
  });
});

describe.runIf(process.platform === 'linux')('the loop of the process that starts sandboxes', () => {
  /** In a locale whose characters are of several bytes, as every locale is where musl is the C library. */
  const begin = (): ChildProcess =>
    spawn('bash', ['--noprofile', '--norc', '-c', LOOP], { env: { LC_ALL: 'C.UTF-8' }, cwd: '/' });

  async function outcome(child: ChildProcess, input: readonly (string | Buffer)[]) {
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(Buffer.concat(input.map((each) => Buffer.from(each))));
    const [code] = await once(child, 'close');
    return { code, output };
  }

  it('reads a launch with any characters to its end and no further, and gives its own locale to nothing', async () => {
    const words = 'äöü €uro 漢字 🙂';
    const first = framed(`printf '%s\\n' '${words}'\n`);
    // Were characters counted, these words would be taken for the beginning of the launch before.
    const second = framed('exec env\n');
    const { output } = await outcome(begin(), [first, second]);
    expect(output).toContain(`${words}\n`);
    expect(output).not.toMatch(/^LC_ALL|not found|broken/m);
  });

  it.each([['abcdefgh'], ['0000000x'], [' 0000012'], ['+0000012'], ['٠٠٠٠']])(
    'ends at the size %j and runs nothing of what follows',
    async (size) => {
      const { code, output } = await outcome(begin(), [size, 'echo was run\n', framed('echo was run\n')]);
      expect(code).toBe(1);
      expect(output).toBe('what was to be started arrived broken\n');
    },
  );

  it('A144: begins nothing any more that was still on its way when its worker was killed', async () => {
    const worker = spawn('sh', ['-c', '"$@" <&3 & wait', 'sh', 'bash', '--noprofile', '--norc', '-c', LOOP], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    });
    let output = '';
    worker.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const input = worker.stdio[3] as Writable;
    input.on('error', () => undefined);
    input.write(framed('echo first\n'));
    await until(() => output === 'first\n');
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    input.end(framed('echo second\n'));
    // The shell has ended, and nobody has its output any more.
    if (worker.stdout?.closed === false) await once(worker.stdout, 'close');
    expect(output).toBe('first\n');
  });
});
