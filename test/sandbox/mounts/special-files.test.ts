import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createSpecialFiles } from '../../../src/sandbox/mounts/special-files.ts';

const readOnly = (path: string) => ({ kind: 'read-only', source: path, target: path }) as const;

function place(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'df-special-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function listen(path: string): Promise<void> {
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
}

it.runIf(process.platform === 'linux')(
  'a folder of packages is never walked, and what listens in it is masked all the same, however its owner reached it',
  async () => {
    const folder = place();
    const [packages, other] = [join(folder, 'packages'), join(folder, 'other')];
    for (const each of [packages, other]) mkdirSync(join(each, 'deep'), { recursive: true });
    symlinkSync(folder, join(folder, 'home'));
    await listen(join(packages, 'deep', 'direct'));
    await listen(join(folder, 'home', 'packages', 'deep', 'by-link'));
    // Without the program that walks, only folders that need no walk can be shown.
    const special = createSpecialFiles(null, [packages]);
    const masks = await special.masks([readOnly(packages)]);
    expect(masks.map(({ target }) => target).sort()).toEqual([
      join(packages, 'deep', 'by-link'),
      join(packages, 'deep', 'direct'),
    ]);
    await expect(special.masks([readOnly(packages), readOnly(other)])).rejects.toThrow(other);
  },
);

it.runIf(process.platform === 'linux')(
  'a place that the owner names is walked, also one that no list of the kernel knows',
  async () => {
    const folder = place();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const masks = await createSpecialFiles('/usr/bin/find', []).masks([readOnly(folder)]);
    expect(masks.map(({ target }) => target)).toEqual([join(folder, 'pipe')]);
  },
);
