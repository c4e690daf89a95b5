import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ENDED, type Project } from '../../factory/project/project.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Services } from '../../services.ts';
import { createSetupCache } from '../../state/setup-cache.ts';
import type { CommandContext } from './context.ts';
import { flagOption, type Invocation, textOption } from './options.ts';
import { formatBytes, jsonText, plural, shortId, yellow } from './output.ts';
import { parseDurationOption } from './parse.ts';

interface Cleaned {
  dryRun: boolean;
  /** Worktrees of ended projects; their branches stay. */
  worktrees: string[];
  /** Command outputs and logs older than the limit. */
  files: string[];
  bytes: number;
  /** Scratch trees that no work is going on in any more. */
  scratch: string[];
  /** Installed packages that no open project uses. */
  packages: { entries: number; bytes: number };
  /** What was left as it is, and why. */
  kept: { path: string; reason: string }[];
}

const NOTHING = { entries: 0, bytes: 0 };

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const dryRun = flagOption(invocation, 'dryRun');
  const age = parseDurationOption('--older-than', textOption(invocation, 'olderThan') ?? '30d');
  const services = await context.services();
  const { projects, unreadable } = await services.state.listProjects();
  const ended = projects.filter((project) => ENDED.has(project.status));
  const done: Cleaned = {
    dryRun,
    worktrees: [],
    files: [],
    bytes: 0,
    scratch: [],
    packages: NOTHING,
    kept: [],
  };

  for (const { id, problem } of unreadable) {
    done.kept.push({
      path: services.state.projectFolder(id),
      reason: `its state cannot be read: ${problem}`,
    });
  }
  for (const project of ended) await cleanWorktree(services, project, done);
  if (!flagOption(invocation, 'worktreesOnly')) {
    const before = services.clock.now().getTime() - age;
    for (const project of ended) {
      await cleanFiles(path.join(services.state.projectFolder(project.id), 'output'), before, done);
    }
    await cleanFiles(services.home.logs, before, done);
    await cleanScratch(services, projects, unreadable.length > 0, done);
  }
  tell(context, done);
  return 0;
}

/** Whatever stands in the worktree is committed to its branch before the folder goes: nothing is lost. */
async function cleanWorktree(services: Services, project: Project, done: Cleaned): Promise<void> {
  const { worktreePath, repository, id } = project;
  if (!(await exists(worktreePath))) return;
  if (done.dryRun) {
    done.worktrees.push(worktreePath);
    return;
  }
  try {
    if (await services.git.validateWorktree(repository, worktreePath)) {
      await services.git.commitChanges(repository, worktreePath, 'Keep what was left in the worktree', {
        project: id,
        step: 'clean',
      });
    }
    await services.git.deleteWorktree(repository, worktreePath);
    done.worktrees.push(worktreePath);
  } catch (error) {
    if (!(error instanceof DarkFactoryError)) throw error;
    done.kept.push({ path: worktreePath, reason: `${shortId(id)}: ${error.message}` });
  }
}

/** Removes what the gates and audits of ended or vanished projects left, and all packages that no open project uses. */
async function cleanScratch(
  services: Services,
  projects: readonly Project[],
  someUnreadable: boolean,
  done: Cleaned,
): Promise<void> {
  const { git, home, clock } = services;
  const open = new Set(projects.filter(({ status }) => !ENDED.has(status)).map(({ id }) => id));
  const root = path.join(home.data, 'scratch');
  const isOpen = (id: string) => open.has(id) || (someUnreadable && !projects.some((each) => each.id === id));
  for (const id of (await namesIn(root)).filter((each) => !isOpen(each))) {
    const folder = path.join(root, id);
    done.scratch.push(folder);
    if (done.dryRun) continue;
    const repository = projects.find((each) => each.id === id)?.repository;
    for (const tree of await namesIn(folder)) {
      for (const name of repository === undefined ? [] : await namesIn(path.join(folder, tree)))
        if (name.startsWith('scratch-'))
          await git.removeScratchTree(repository ?? '', path.join(folder, tree, name));
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  const limits = { now: clock.now(), maxBytes: 0, maxAgeMs: 0, isOpen, dryRun: done.dryRun };
  done.packages = await createSetupCache(home.setups).prune(limits);
}

async function cleanFiles(folder: string, before: number, done: Cleaned): Promise<void> {
  for (const name of await namesIn(folder)) {
    const file = path.join(folder, name);
    const found = await stat(file).catch(ignoreMissing);
    if (found === undefined || !found.isFile() || found.mtimeMs >= before) continue;
    if (!done.dryRun) await rm(file, { force: true });
    done.files.push(file);
    done.bytes += found.size;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(ignoreMissing)) ?? [];
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(ignoreMissing)) !== undefined;
}

/** What is gone already needs no cleaning. */
function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}

function tell({ out, err, json }: CommandContext, done: Cleaned): void {
  if (json) {
    out.raw(jsonText(done));
    return;
  }
  const verb = done.dryRun ? 'Would remove' : 'Removed';
  for (const worktree of done.worktrees) out.line(`${verb} the worktree ${worktree}; its branch stays`);
  if (done.files.length > 0) {
    out.line(
      `${verb} ${plural(done.files.length, 'old output or log', 'old outputs and logs')} (${formatBytes(done.bytes)})`,
    );
  }
  for (const folder of done.scratch) out.line(`${verb} the scratch trees in ${folder}`);
  if (done.packages.entries > 0) {
    const { entries, bytes } = done.packages;
    out.line(
      `${verb} ${plural(entries, 'set of installed packages', 'sets of installed packages')} (${formatBytes(bytes)})`,
    );
  }
  const removed = [done.worktrees.length, done.files.length, done.scratch.length, done.packages.entries];
  if (removed.every((count) => count === 0)) out.line('There is nothing to clean.');
  for (const { path: kept, reason } of done.kept) err.line([yellow('kept:'), ` ${kept} (${reason})`]);
}
