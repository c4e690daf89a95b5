import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { heldMemory } from '../../../src/sandbox/run/held-memory.ts';

const MIB = 1024 * 1024;
const LOOKS = 300;

/** Shares 1,000 MB, uses 10 of them, and has children that end at once. */
const PARENT = `
import mmap, os
memory = mmap.mmap(-1, 1000 << 20)
for at in range(0, 10 << 20, 4096): memory[at] = 1
print('begun', flush=True)
while True:
    if os.fork() == 0: os._exit(0)
    os.wait()`;

// The kernel tells root alone how much of what is shared is used.
it.runIf(process.getuid?.() === 0)(
  'A186 unseen-memory: a process that ends while it is looked at does not make all that it could have shared count',
  async () => {
    const parent = spawn('python3', ['-c', PARENT], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(parent.stdout, 'data');
      const pid = parent.pid as number;
      let most = 0;
      for (let look = 0; look < LOOKS; look++) {
        const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
        most = Math.max(most, await heldMemory([...children.map(Number), pid]));
      }
      expect(most).toBeGreaterThan(10 * MIB);
      expect(most).toBeLessThan(100 * MIB);
    } finally {
      parent.kill('SIGKILL');
      await once(parent, 'close');
    }
  },
);
