import { randomBytes } from 'node:crypto';
import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project } from '../../factory/model/project.ts';
import type { AgentSandbox } from '../../factory/ports.ts';
import { orNull } from '../../lib/errno.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import { shellQuote } from '../../lib/text/shell-quote.ts';
import { realBelow } from '../files.ts';
import { refused, type TreeMounts } from '../packages/read-only-mounts.ts';
import { type WorktreeDeps, worktreeMounts } from './prepare.ts';

const NOW_WRITABLE =
  'The installed packages were shared read-only until now. They are a copy of your own from here on: run the command again.';

/**
 * The sandbox as an agent's tools see it: packages of the cache are mounted, which takes no time, with a layer for what the agent
 * writes. Where there can be no layer, or the layer does not do (packages were to be removed or moved as a whole), and a
 * command fails for it, the agent gets a copy of its own.
 */
export async function agentSandbox(deps: WorktreeDeps, project: Project): Promise<AgentSandbox> {
  const sandbox = await deps.sandbox();
  let known: Promise<TreeMounts> | undefined;
  const mounts = () => {
    known ??= worktreeMounts(deps, project);
    return known;
  };
  const concerns = async (text: string): Promise<boolean> =>
    refused(text, await mountedPackages(deps, project));
  const copyOut = async () => {
    await copyOutPackages(deps, project, await mounts());
    known = undefined;
  };
  return {
    async run(request) {
      const { env, ...rest } = await mounts();
      const result = await sandbox.run({ ...request, ...rest, env: { ...env, ...request.env } });
      // Places may have been moved by the command: they are looked at anew for the next one.
      known = undefined;
      if (result.exitCode === 0 || result.ended !== 'exit' || !(await concerns(result.output))) return result;
      await copyOut();
      return { ...result, output: `${result.output.trimEnd()}\n${NOW_WRITABLE}\n` };
    },
    readFile: async (worktree, gitDir, path, maxBytes) =>
      sandbox.readFile(worktree, gitDir, path, maxBytes, await mounts()),
    async writeFile(worktree, gitDir, path, content) {
      const written = await sandbox.writeFile(worktree, gitDir, path, content, await mounts());
      if (written.ok || !(await concerns(written.problem))) return written;
      await copyOut();
      return sandbox.writeFile(worktree, gitDir, path, content, await mounts());
    },
  };
}

async function mountedPackages({ packages }: WorktreeDeps, project: Project): Promise<string[]> {
  const [entry, { own }] = await Promise.all([packages.of(project), packages.used(project.id)]);
  return (entry?.kept.lent ?? []).filter((path) => !own.includes(path));
}

/** Copies mounted packages into the worktree, where the place for them is still the empty one that the factory made. */
async function copyOutPackages(deps: WorktreeDeps, project: Project, mounts: TreeMounts): Promise<void> {
  const { state, config, packages } = deps;
  const sandbox = await deps.sandbox();
  const copy = async (from: string, to: string): Promise<boolean> => {
    // In the sandbox, where the packages are seen with what the agent wrote over them.
    const { file } = await state.newOutput(project.id, 'own-copy');
    const { exitCode } = await sandbox.run({
      ...mounts,
      command: `cp -a -- ${shellQuote(from)} ${shellQuote(to)}`,
      worktree: project.worktreePath,
      gitDir: project.gitDir,
      timeoutMs: config.gates.timeout,
      outputFile: file,
    });
    await rm(file, { force: true });
    return exitCode === 0;
  };
  for (const path of await mountedPackages(deps, project)) {
    if (!(await copyOne(project.worktreePath, path, copy))) continue;
    const { own } = await packages.used(project.id);
    await packages.setOwn(project.id, [...own, path]);
  }
}

/**
 * Beside its place and then onto it, so that no half of a copy is ever taken for the packages.
 *
 * @returns whether what stands there is the agent's own now; what it put in the way is, too
 */
async function copyOne(
  worktree: string,
  path: string,
  copy: (from: string, to: string) => Promise<boolean>,
): Promise<boolean> {
  const place = await realBelow(worktree, path);
  if (place === null || (await orNull(readdir(place)))?.length !== 0) return true;
  const aside = `${path}.own-${randomBytes(4).toString('hex')}`;
  if (!(await copy(path, aside))) {
    await removeTree(join(worktree, aside));
    return false;
  }
  await rmdir(place);
  await rename(join(worktree, aside), place);
  return true;
}
