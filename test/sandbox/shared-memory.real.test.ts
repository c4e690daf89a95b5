import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { eachSandbox } from './each-sandbox.ts';
import { makeStage, type Stage } from './stage.ts';

const MIB = 1024 * 1024;
/** The kernel tells root alone how much of what is shared is used. */
const told = process.getuid?.() === 0;

const WAYS: [string, string][] = [['lets go of its pages', 'share(64, 64).madvise(mmap.MADV_DONTNEED)']];
if (told) WAYS.push(['unmaps all but a piece of it', 'unmap(share(64, 64))']);

/** Shares so many MB, and uses the first so many of them. */
const python = (lines: string) => `python3 - <<'END'
import ctypes, mmap, os, time
libc = ctypes.CDLL(None)
kept = []
def share(size, used):
    memory = mmap.mmap(-1, size << 20)
    for at in range(0, used << 20, 4096): memory[at] = 1
    kept.append(memory)
    return memory
def unmap(memory):
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    libc.munmap(ctypes.c_void_p(address + 4096), ctypes.c_size_t(len(memory) - 4096))
${lines}
END`;

eachSandbox((mode) => {
  let stage: Stage;
  let other: Stage;
  beforeAll(async () => {
    stage = await makeStage({ sandbox: { mode, memory: 400 * MIB } });
    other = await makeStage({ sandbox: { mode } });
  });
  afterAll(async () => {
    await stage.cleanup();
    await other.cleanup();
  });
  afterEach(() => expect(stage.processes(), 'processes left').toEqual([]));

  it.each(WAYS)(
    'A186 unseen-memory: memory that a command shares counts also when it %s',
    async (_, share) => {
      const result = await stage.run(
        python(`for _ in range(10): ${share}; time.sleep(0.05)\ntime.sleep(120)`),
        {
          timeoutMs: 120_000,
        },
      );
      expect(result).toMatchObject({ ended: 'memory', exitCode: null });
    },
  );

  it('A186 unseen-memory: what one command shares ends no other, and what processes share counts once', async () => {
    const end = new AbortController();
    const much = other.run(python(`share(600, 600)\nopen('begun', 'w').close()\ntime.sleep(300)`), {
      timeoutMs: 300_000,
      signal: end.signal,
    });
    try {
      await until(() => stat(join(other.worktree, 'begun')).then(() => true), 60_000);
      const little = `
share(${told ? 1_000 : 150}, 150)
for _ in range(7):
    if os.fork() == 0:
        sum(kept[0][at] for at in range(0, 150 << 20, 4096)); time.sleep(1.5); os._exit(0)
time.sleep(1.5)
print('shared')`;
      expect(await stage.run(python(little))).toMatchObject({ ended: 'exit', output: 'shared\n' });
    } finally {
      end.abort();
      expect((await much).ended).toBe('aborted');
    }
  });
});
