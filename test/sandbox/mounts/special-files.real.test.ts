import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
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
    // Of what does not listen only a walk tells.
    for (const each of [packages, other]) execFileSync('mkfifo', [join(each, 'deep', 'pipe')]);
    const special = createSpecialFiles([packages]);
    const masks = await special.masks([readOnly(packages)]);
    expect(masks.map(({ target }) => target).sort()).toEqual([
      join(packages, 'deep', 'by-link'),
      join(packages, 'deep', 'direct'),
    ]);
    expect(await special.masks([readOnly(other)])).toMatchObject([{ target: join(other, 'deep', 'pipe') }]);
  },
);

it.runIf(process.platform === 'linux')(
  'a place that the owner names is walked, also one that no list of the kernel knows',
  async () => {
    const folder = place();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const masks = await createSpecialFiles().masks([readOnly(folder)]);
    expect(masks.map(({ target }) => target)).toEqual([join(folder, 'pipe')]);
  },
);

it.runIf(process.platform === 'linux')(
  'what comes, goes or moves between two commands is seen by the next, however soon it follows',
  async () => {
    const folder = place();
    const special = createSpecialFiles([], { coarsestTimeMs: 100 });
    const targets = async () => (await special.masks([readOnly(folder)])).map(({ target }) => target).sort();
    const pipe = (...path: string[]) => execFileSync('mkfifo', [join(folder, ...path)]);
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    expect(await targets()).toEqual([]);
    for (const name of ['1', '2', '3']) {
      pipe('a/b', name);
      expect(await targets()).toContain(join(folder, 'a/b', name));
    }
    mkdirSync(join(folder, 'a/c/d'), { recursive: true });
    pipe('a/c/d/4');
    rmSync(join(folder, 'a/b'), { recursive: true });
    expect(await targets()).toEqual([join(folder, 'a/c/d/4')]);
    renameSync(join(folder, 'a/c'), join(folder, 'e'));
    rmSync(join(folder, 'a'), { recursive: true });
    expect(await targets()).toEqual([join(folder, 'e/d/4')]);
    // A folder at rest is remembered; a change in it counts all the same.
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await targets()).toEqual([join(folder, 'e/d/4')]);
    pipe('e/d/5');
    expect(await targets()).toEqual([join(folder, 'e/d/4'), join(folder, 'e/d/5')]);
  },
);

it.runIf(process.platform === 'linux')(
  'a tree of very many folders is looked through in a share of the time, and what is bound in it is masked at once',
  async () => {
    const folder = place();
    for (let at = 0; at < 60; at += 1) mkdirSync(join(folder, String(at)));
    execFileSync('mkfifo', [join(folder, '7/pipe')]);
    const special = createSpecialFiles([], { fewFolders: 50 });
    const masks = async () => (await special.masks([readOnly(folder)])).map(({ target }) => target).sort();
    expect(await masks()).toEqual([join(folder, '7/pipe')]);
    await listen(join(folder, '8/socket'));
    expect(await masks()).toEqual([join(folder, '7/pipe'), join(folder, '8/socket')]);
  },
);
