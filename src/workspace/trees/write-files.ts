import { lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealedRun } from '../../factory/gates/run/run-sealed.ts';
import type { SealedFile } from '../../factory/model/sealed.ts';
import { requireSealed } from '../../factory/gates/run/sealed.ts';
import type { Project } from '../../factory/model/project.ts';
import type { Services } from '../../services.ts';

/**
 * A project's sealed checks, ready to be run; `undefined` when it has none. Read anew for every gate, so that a folder that
 * went or changed stops it.
 *
 * @throws DarkFactoryError as `requireSealed`
 */
export async function sealedRun({ state }: Services, project: Project): Promise<SealedRun | undefined> {
  const { sealed } = project.settings;
  if (sealed === undefined) return undefined;
  const place = `${state.projectFolder(project.id)}/sealed`;
  const files = requireSealed(sealed, await state.sealed(project.id), place);
  return { command: sealed.command, show: sealed.show, files, lay: layFiles };
}

/**
 * Puts files over a tree. They are written by the host and never by git: its objects are readable in every sandbox. What
 * the tree has in their place goes, links on the way there included, so that none leads a file elsewhere.
 */
export async function layFiles(tree: string, files: readonly SealedFile[]): Promise<void> {
  for (const { path, executable, content } of files) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = join(tree, ...parts.slice(0, depth));
      if (await isFolder(folder)) continue;
      await rm(folder, { force: true });
      await mkdir(folder);
    }
    const file = join(tree, path);
    await rm(file, { recursive: true, force: true });
    // `wx` follows no link.
    await writeFile(file, content, { flag: 'wx', mode: executable ? 0o755 : 0o644 });
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
