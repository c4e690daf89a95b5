import { expect, it } from 'vitest';
import { stage } from './stage.ts';

const shell = (command: string) => ({
  command,
  label: 'x',
  timeoutMs: 60_000,
  signal: new AbortController().signal,
});

it('A107 a scratch tree tells what a watched command wrote of its tests, laid files and packages, though it looks the same again', async () => {
  const s = await stage(
    { 'a.txt': 'a\n', 'test/a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': 'node_modules\nout\n' },
    { setup: 'mkdir -p node_modules/chai node_modules/.cache && echo real > node_modules/chai/index.js' },
  );
  const tree = await s.trees.scratchTree(s.project, { commit: s.base });
  await tree.write([
    { path: 'laid.txt', executable: false, content: Buffer.from('laid\n') },
    { path: 'b.txt', executable: false, content: Buffer.from('over\n') },
  ]);
  const rewrittenBy = async (command: string) =>
    (await tree.run({ ...shell(command), watched: true })).rewritten;
  const reads = 'echo x > out; echo y > node_modules/.cache/y; cat a.txt b.txt laid.txt test/a.txt';
  expect(await rewrittenBy(reads)).toEqual([]);
  const asItWas = (file: string) => `cp -p ${file} /tmp/k; echo x > ${file}; cp -p /tmp/k ${file}`;
  const all = ['a.txt', 'test/a.txt', 'laid.txt', 'node_modules/chai/index.js'];
  const told = ['test/a.txt', 'laid.txt', 'node_modules/chai'];
  expect(await rewrittenBy(all.map(asItWas).join('; '))).toEqual(told);
  await tree.restore();
  expect(await rewrittenBy('cat a.txt; rm laid.txt')).toEqual(['laid.txt']);
  await tree.remove();
  await s.trees.removeScratchTrees(s.project.id, s.project.repository);
});
