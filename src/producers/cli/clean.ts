import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ENDED, type Project } from '../../factory/project/project.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Services } from '../../services.ts';
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
  /** What was left as it is, and why. */
  kept: { path: string; reason: string }[];
}

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const dryRun = flagOption(invocation, 'dryRun');
  const age = parseDurationOption('--older-than', textOption(invocation, 'olderThan') ?? '30d');
  const services = await context.services();
  const { projects, unreadable } = await services.state.listProjects();
  const ended = projects.filter((project) => ENDED.has(project.status));
  const done: Cleaned = { dryRun, worktrees: [], files: [], bytes: 0, kept: [] };

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
  if (error.code !== 'ENOENT') throw error;
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
  if (done.worktrees.length + done.files.length === 0) out.line('There is nothing to clean.');
  for (const { path: kept, reason } of done.kept) err.line([yellow('kept:'), ` ${kept} (${reason})`]);
}
