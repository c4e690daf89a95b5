import { readdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../factory/ports.ts';
import type { Project } from '../../factory/project/project.ts';
import type { Services } from '../../services.ts';
import type { SetupEntry } from '../../state/setup-cache.ts';
import { copyTree, orNull, realBelow } from './files.ts';
import type { Lending } from './lending.ts';
import { packagesOf, scratchRoot } from './open.ts';
import { lendingOf } from './worktree.ts';
import { removeTree } from '../../lib/remove-tree.ts';

export type AgentHands = Pick<Sandbox, 'run' | 'readFile' | 'writeFile'>;

/** A program that could not write, or not replace what is mounted, says one of these. */
const REFUSED = /EROFS|EBUSY|[Rr]ead-only file system|[Dd]evice or resource busy/;
const NOW_WRITABLE =
  'The installed packages were lent read-only until now. They are a copy of your own from here on: run the command again.';

/**
 * The sandbox as an agent's tools see it: packages of the cache are lent read-only, which takes no time, until a command
 * fails for wanting to write to them. Then the agent gets a copy of its own.
 */
export function agentSandbox(services: Services, project: Project, sandbox: Sandbox): AgentHands {
  let known: Promise<Lending> | undefined;
  const lending = () => {
    known ??= lendingOf(services, project);
    return known;
  };
  const concerns = async (text: string): Promise<boolean> =>
    REFUSED.test(text) && (await lentPackages(services, project)).some((path) => text.includes(path));
  const copyOut = async () => {
    await copyOutPackages(services, project);
    known = undefined;
  };
  return {
    async run(request) {
      const { env, ...rest } = await lending();
      const result = await sandbox.run({ ...request, ...rest, env: { ...env, ...request.env } });
      // Places may have been moved by the command: they are looked at anew for the next one.
      known = undefined;
      if (result.exitCode === 0 || result.ended !== 'exit' || !(await concerns(result.output))) return result;
      await copyOut();
      return { ...result, output: `${result.output.trimEnd()}\n${NOW_WRITABLE}\n` };
    },
    readFile: async (worktree, gitDir, path, maxBytes) =>
      sandbox.readFile(worktree, gitDir, path, maxBytes, await lending()),
    async writeFile(worktree, gitDir, path, content) {
      const written = await sandbox.writeFile(worktree, gitDir, path, content, await lending());
      if (written.ok || !(await concerns(written.problem))) return written;
      await copyOut();
      return sandbox.writeFile(worktree, gitDir, path, content, await lending());
    },
  };
}

async function lentPackages(services: Services, project: Project): Promise<string[]> {
  const packages = packagesOf(services);
  const [entry, { own }] = await Promise.all([packages.of(project), packages.used(project)]);
  return (entry?.kept.lent ?? []).filter((path) => !own.includes(path));
}

/** Copies lent packages into the worktree, where the place for them is still the empty one that the factory made. */
async function copyOutPackages(services: Services, project: Project): Promise<void> {
  const packages = packagesOf(services);
  const entry = await packages.of(project);
  if (entry === null) return;
  for (const path of entry.kept.lent) {
    const { own } = await packages.used(project);
    if (own.includes(path)) continue;
    await copyOne(entry, project.worktreePath, path, join(scratchRoot(services), project.id, 'own-copy'));
    // What the agent put in the way is its own, too: nothing is mounted over it any more.
    await packages.setOwn(project, [...own, path]);
  }
}

async function copyOne(entry: SetupEntry, worktree: string, path: string, aside: string): Promise<void> {
  const place = await realBelow(worktree, path);
  if (place === null || (await orNull(readdir(place)))?.length !== 0) return;
  await removeTree(aside);
  await copyTree(join(entry.files, path), aside);
  await rmdir(place);
  await rename(aside, place);
}
