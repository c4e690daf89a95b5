/** Takes away what ended projects left: worktrees, scratch trees, installed packages, old outputs and logs. Never a branch. */

import { readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Config } from '../../factory/config/config.ts';
import { type RemoveDeps, removeWorktree } from '../../factory/lifecycle/remove-worktree.ts';
import { keepsWorktree } from '../../factory/model/disk-space.ts';
import { ENDED, type Project } from '../../factory/model/project.ts';
import type { ScratchFolder, StateStore, Workspace } from '../../factory/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import { orNull } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { namesIn } from '../../lib/file-failure.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import type { Home } from '../home/home.ts';
import { PROJECT_ID } from './project-list.ts';

export interface CleanDeps {
  home: Pick<Home, 'logs' | 'worktrees' | 'trials'>;
  state: Pick<StateStore, 'listProjects' | 'projectFolder' | 'tidyProject'>;
  git: RemoveDeps['git'];
  workspace: Pick<Workspace, 'scratchFolders' | 'removeScratchTrees' | 'pruneSetups'>;
  clock: Clock;
  config: Pick<Config, 'worktree'>;
}

export interface CleanOrder {
  dryRun: boolean;
  worktreesOnly: boolean;
  /** Outputs and logs that were last written before go. */
  before: Date;
  /** Worktrees that `worktree.keep` keeps go all the same when their project ended before. Missing: they stay. */
  keptBefore?: Date;
}

export interface Cleaned {
  dryRun: boolean;
  /** Worktrees of ended projects; their branches stay. */
  worktrees: string[];
  /** Command outputs and logs older than the limit. */
  files: string[];
  bytes: number;
  /** Scratch trees that no work is going on in any more. */
  scratch: string[];
  /** Repositories of trials of personas that ended before the limit. */
  trials: string[];
  /** Installed packages that no open project uses. */
  packages: { entries: number; bytes: number };
  /** What was left as it is, and why. */
  kept: { path: string; reason: string }[];
}

/** What cannot be removed is named in `kept` and hinders nothing else. */
export async function cleanUp(deps: CleanDeps, order: CleanOrder): Promise<Cleaned> {
  const { projects, unreadable } = await deps.state.listProjects();
  const scratch = await deps.workspace.scratchFolders();
  // A project that has ended may be audited, or have its gate run.
  const busy = new Map(
    scratch.flatMap(({ projectId, folder, inUse }) => (inUse ? [[projectId, folder]] : [])),
  );
  const ended = projects.filter(({ id, status }) => ENDED.has(status) && !busy.has(id));
  const done: Cleaned = {
    dryRun: order.dryRun,
    worktrees: [],
    files: [],
    bytes: 0,
    scratch: [],
    trials: [],
    packages: { entries: 0, bytes: 0 },
    kept: [],
  };
  for (const { id, problem } of unreadable) {
    done.kept.push({ path: deps.state.projectFolder(id), reason: `its state cannot be read: ${problem}` });
  }
  for (const [id, path] of busy)
    if (!projects.some((each) => each.id === id && !ENDED.has(each.status)))
      done.kept.push({ path, reason: 'a gate or an audit is at work there' });
  for (const project of ended) await cleanWorktree(deps, order, project, done);
  if (!order.dryRun) for (const { id } of ended) await deps.state.tidyProject(id);
  if (unreadable.length === 0) {
    const known = new Set(projects.map(({ id }) => id));
    for (const folder of await worktreesWithout(deps.home, (id) => known.has(id) || busy.has(id))) {
      await removing(done, folder, 'no project', () => removeOrphan(deps, folder));
    }
  }
  if (order.worktreesOnly) return done;
  for (const project of ended)
    await cleanFiles(join(deps.state.projectFolder(project.id), 'output'), order, done);
  await cleanFiles(deps.home.logs, order, done);
  if (unreadable.length === 0) await cleanTrials(deps, projects, order, done);
  await cleanScratch(deps, projects, { scratch, someUnreadable: unreadable.length > 0 }, done);
  return done;
}

async function cleanWorktree(
  deps: CleanDeps,
  { keptBefore }: CleanOrder,
  project: Project,
  done: Cleaned,
): Promise<void> {
  const { worktreePath, id } = project;
  if (!(await exists(worktreePath))) return;
  const { keep } = deps.config.worktree;
  const ended = project.endTime ?? project.updatedAt;
  if (keepsWorktree(keep, project) && (keptBefore === undefined || ended >= keptBefore)) {
    done.kept.push({ path: worktreePath, reason: `worktree.keep is ${keep}` });
    return;
  }
  await removing(done, worktreePath, id.slice(0, 8), () => removeWorktree(deps, project));
}

async function removing(
  done: Cleaned,
  folder: string,
  whose: string,
  remove: () => Promise<void>,
): Promise<void> {
  try {
    if (!done.dryRun) await remove();
    done.worktrees.push(folder);
  } catch (error) {
    if (!(error instanceof DarkFactoryError)) throw error;
    done.kept.push({ path: folder, reason: `${whose}: ${error.message}` });
  }
}

/** Folders among the worktrees whose project is not there. `knows` is asked with the project's id. */
export async function worktreesWithout(
  { worktrees }: Pick<Home, 'worktrees'>,
  knows: (projectId: string) => boolean,
): Promise<string[]> {
  const names = await namesIn(worktrees);
  return names.filter((name) => PROJECT_ID.test(name) && !knows(name)).map((name) => join(worktrees, name));
}

/**
 * A worktree whose project's folder is gone. Its repository is found by its own link.
 *
 * Throws `failed`/`worktree_orphaned` when the link leads nowhere: then nobody knows what the folder is worth.
 */
export async function removeOrphan(deps: RemoveDeps, folder: string): Promise<void> {
  const link = await orNull(readFile(join(folder, '.git'), 'utf8'));
  const admin = /^gitdir: (.+)$/m.exec(link ?? '')?.[1];
  const repository = admin === undefined ? undefined : dirname(dirname(dirname(admin)));
  if (repository === undefined || !(await exists(repository)))
    throw new DarkFactoryError(
      'failed',
      'worktree_orphaned',
      `${folder} belongs to no project, and its repository is not to be found`,
      'Look at it, and remove it by hand if nobody needs it.',
    );
  await removeWorktree(deps, { id: folder.slice(-36), repository, worktreePath: folder });
}

/** Removes what the gates and audits of ended or vanished projects left, and all packages that no open project uses. */
async function cleanScratch(
  { workspace, clock }: CleanDeps,
  projects: readonly Project[],
  { scratch, someUnreadable }: { scratch: readonly ScratchFolder[]; someUnreadable: boolean },
  done: Cleaned,
): Promise<void> {
  const open = new Set(projects.filter(({ status }) => !ENDED.has(status)).map(({ id }) => id));
  const busy = new Set(scratch.flatMap(({ projectId, inUse }) => (inUse ? [projectId] : [])));
  const isOpen = (id: string) =>
    open.has(id) || busy.has(id) || (someUnreadable && !projects.some((each) => each.id === id));
  for (const { projectId, folder } of scratch) {
    if (!PROJECT_ID.test(projectId) || isOpen(projectId)) continue;
    done.scratch.push(folder);
    const repository = projects.find(({ id }) => id === projectId)?.repository;
    if (!done.dryRun) await workspace.removeScratchTrees(projectId, repository);
  }
  const limits = { now: clock.now(), maxBytes: 0, maxAgeMs: 0, isOpen, dryRun: done.dryRun };
  done.packages = await workspace.pruneSetups(limits);
}

/** Those that no open project works in, and that were made before the limit. */
async function cleanTrials(
  { home }: CleanDeps,
  projects: readonly Project[],
  { before, dryRun }: CleanOrder,
  done: Cleaned,
): Promise<void> {
  const open = projects
    .filter(({ status }) => !ENDED.has(status))
    .map(({ repository }) => basename(repository));
  for (const name of await namesIn(home.trials)) {
    const folder = join(home.trials, name);
    const found = await orNull(stat(folder));
    if (open.includes(name) || (found !== null && found.mtimeMs >= before.getTime())) continue;
    if (!dryRun) await removeTree(folder);
    done.trials.push(folder);
  }
}

async function cleanFiles(folder: string, { before, dryRun }: CleanOrder, done: Cleaned): Promise<void> {
  for (const name of await namesIn(folder)) {
    const file = join(folder, name);
    const found = await orNull(stat(file));
    if (found === null || !found.isFile() || found.mtimeMs >= before.getTime()) continue;
    if (!dryRun) await rm(file, { force: true });
    done.files.push(file);
    done.bytes += found.size;
  }
}

async function exists(file: string): Promise<boolean> {
  return (await orNull(stat(file))) !== null;
}
