import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stage } from './stage.ts';

const signal = new AbortController().signal;
const shell = (command: string) => ({ command, label: 'x', timeoutMs: 60_000, signal });

/** @returns a commit with these files over the base, as an agent that says what git is to track can make it */
async function commitOver(s: Awaited<ReturnType<typeof stage>>, files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) await s.repository.write(path, text);
  await s.repository.git('add', '-A', '-f', ...Object.keys(files));
  await s.repository.git('commit', '-qm', 'Work');
  return s.repository.git('rev-parse', 'HEAD');
}

describe('A179 committed-build: a scratch tree', () => {
  it('has what was added since the base commit older than its sources, so that build tools make it anew', async () => {
    const s = await stage({ 'sum.c': 'int sum;\n', '.gitignore': 'run_check\n' });
    const commit = await commitOver(s, { run_check: '#!/bin/sh\necho fine\n', 'new.c': 'int fresh;\n' });
    const tree = await s.trees.scratchTree(s.project, { commit });
    const { result } = await tree.run(
      shell('[ run_check -ot sum.c ] && [ new.c -ot sum.c ] && cat new.c && git status --short'),
    );
    expect(result).toMatchObject({ exitCode: 0, output: 'int fresh;\n' });
    expect(await tree.restore()).toEqual([]);
    await tree.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });

  it('has the folder that the set-up made, not what was committed in its place, also after a restore', async () => {
    const setup = 'mkdir -p vendor/bin && echo honest > vendor/bin/tool && echo lib > vendor/lib';
    const s = await stage({ 'a.txt': 'a\n', '.gitignore': 'vendor/\n' }, { setup });
    const commit = await commitOver(s, { 'vendor/bin/tool': 'lying\n', 'vendored/b': 'b\n' });
    await rm(join(s.repository.dir, 'vendor'), { recursive: true });
    const tree = await s.trees.scratchTree(s.project, { commit });
    const read = shell('cat vendor/bin/tool vendor/lib vendored/b');
    expect((await tree.run(read)).result.output).toBe('honest\nlib\nb\n');
    await tree.restore();
    expect((await tree.run(read)).result.output).toBe('honest\nlib\nb\n');
    await tree.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });
});
