import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { layerOf } from '../../src/workspace/packages/read-only-mounts.ts';
import { changedSince, replacedIn, stampsOf } from '../../src/workspace/trees/rewritten.ts';

// root goes everywhere.
it.skipIf(process.getuid?.() === 0)(
  'A188 files count as written to which a command closed the way, and those beside them do not',
  async () => {
    const tree = await mkdtemp(join(tmpdir(), 'df-rewritten-'));
    const closed = join(tree, 'test/fixtures');
    onTestFinished(async () => {
      await chmod(closed, 0o700);
      await rm(tree, { recursive: true });
    });
    await mkdir(closed, { recursive: true });
    const files = ['test/a.js', 'test/fixtures/b.json'];
    for (const file of files) await writeFile(join(tree, file), '');
    const seen = await stampsOf(tree, files);
    await chmod(closed, 0o000);
    expect(await changedSince(tree, seen)).toEqual(['test/fixtures/b.json']);
    // Of what was closed before already nothing is said.
    expect(await changedSince(tree, await stampsOf(tree, files))).toEqual([]);
  },
);

it.skipIf(process.getuid?.() === 0)(
  'A188 packages that a command replaced and closed count as replaced, and those that it only closed do not',
  async () => {
    const root = await mkdtemp(join(tmpdir(), 'df-replaced-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const source = join(root, 'packages');
    const upper = join(layerOf(source, join(root, 'layers')), 'upper');
    for (const name of ['chai', 'mocha']) {
      for (const folder of [source, upper]) await mkdir(join(folder, name), { recursive: true });
      await writeFile(join(source, name, 'index.js'), '');
    }
    await writeFile(join(upper, 'chai/index.js'), '');
    for (const name of ['chai', 'mocha']) await chmod(join(upper, name), 0o000);
    const mount = { source, path: 'node_modules' };
    expect(await replacedIn(mount, join(root, 'layers'))).toEqual(['node_modules/chai']);
  },
);
