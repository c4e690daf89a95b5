import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stage } from './stage.ts';

const signal = new AbortController().signal;
const shell = (command: string) => ({ command, label: 'x', timeoutMs: 60_000, signal });

describe('links that commands and set-ups leave', () => {
  it('A46 symlink-out: packages that are copied for a command are removed from the tree, not from behind a link', async () => {
    const setup = 'mkdir -p p/node_modules/b && echo 1 > p/node_modules/b/i';
    const s = await stage({ 'p/x': 'x', '.gitignore': 'node_modules\n' }, { setup, layers: false });
    const victim = join(s.repository.outside, 'victim');
    await mkdir(join(victim, 'node_modules/mine'), { recursive: true });
    const tree = await s.trees.scratchTree(s.project, { commit: s.base });
    const replace = `mv p q && ln -s ${victim} p`;
    const { result } = await tree.run(shell(`echo 2 > p/node_modules/b/i && ${replace}`));
    expect(result.exitCode).toBe(0);
    expect(await readdir(join(victim, 'node_modules'))).toEqual(['mine']);
    expect((await tree.run(shell('cat p/node_modules/b/i'))).result.output).toBe('1\n');
    await tree.remove();
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });

  it.each(['auto', 'unshare'] as const)(
    'A52 npm-postinstall: links that a set-up leaves lead nothing out of the sandbox and show nothing of the host (%s)',
    async (mode) => {
      const setup = [
        'up=$(dirname "$PWD"); up=$(dirname "$up"); up=$(dirname "$up")/elsewhere',
        'ln -s "$up/folder" node_modules; ln -s "$up/file" .venv',
        'mkdir .dark-factory; ln -s "$up/file" .dark-factory/.gitignore',
      ].join('; ');
      const s = await stage({ a: 'a\n', '.gitignore': 'node_modules\n.venv\n' }, { mode, setup });
      const place = join(s.repository.outside, 'elsewhere');
      await mkdir(join(place, 'folder'), { recursive: true });
      await writeFile(join(place, 'file'), 'mine\n');
      const tree = await s.trees.scratchTree(s.project, { commit: s.base });
      const { result } = await tree.run(shell('readlink .venv; cat .venv; ls -A node_modules/; true'));
      expect(result.output).toContain(join(place, 'file'));
      expect(result.output).not.toContain('mine');
      expect(await readdir(join(place, 'folder'))).toEqual([]);
      expect(await readFile(join(place, 'file'), 'utf8')).toBe('mine\n');
      await tree.remove();
      await s.trees.removeScratchTrees(s.project.id, s.project.repository);
    },
  );
});
