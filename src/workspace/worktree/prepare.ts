import { join } from 'node:path';
import type { PlainType } from '../../factory/model/event.ts';
import type { Project } from '../../factory/model/project.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { WorkspaceDeps } from '../deps.ts';
import type { Packages } from '../packages/packages.ts';
import {
  copyTo,
  mountsOf,
  movesTrees,
  placeMounts,
  type TreeMounts,
  withLayers,
} from '../packages/read-only-mounts.ts';
import type { SetupEntry } from '../packages/setup-cache.ts';
import type { BareTrees } from '../trees/bare-trees.ts';
import { filesToCopy } from './copies.ts';
import { linkProblem, linksOf } from './links.ts';

export type WorktreeDeps = WorkspaceDeps & {
  packages: Packages;
  bare: BareTrees;
  /** `data/scratch`. */
  root: string;
};

/** See `Workspace.prepareWorktree`. */
export async function prepareWorktree(
  deps: WorktreeDeps,
  project: Project,
  signal: AbortSignal,
): Promise<string | null> {
  const { packages } = deps;
  const problem = await linkProblem(deps, project);
  if (problem !== null) return problem;
  const made = await setUp(deps, project, signal);
  for (const { type, message } of made.notes) await warn(deps, project, type, message);
  if (made.problem !== null || made.entry === null) return made.problem;
  await packages.setOwn(project.id, []);
  await copyTo(project.worktreePath, made.entry, movesTrees(await deps.sandbox()));
  return null;
}

/** See `Workspace.trySetup`. */
export async function trySetup(
  deps: WorktreeDeps,
  project: Project,
  signal: AbortSignal,
): Promise<{ problem: string | null; notes: string[] }> {
  const problem = deps.config.worktree.link.length === 0 ? null : await linkProblemInTree(deps, project);
  if (problem !== null) return { problem, notes: [] };
  const made = await setUp(deps, project, signal);
  return { problem: made.problem, notes: made.notes.map(({ message }) => message) };
}

/** What git ignores is asked in a tree of the base commit, for there is no worktree. */
async function linkProblemInTree(deps: WorktreeDeps, project: Project): Promise<string | null> {
  const { folder, remove } = await deps.bare.make(project, { commit: project.baseCommit });
  try {
    return await linkProblem(deps, { ...project, worktreePath: folder });
  } finally {
    await remove();
  }
}

interface MadeReady {
  entry: SetupEntry | null;
  problem: string | null;
  /** What it goes without. */
  notes: { type: PlainType; message: string }[];
}

async function setUp(deps: WorktreeDeps, project: Project, signal: AbortSignal): Promise<MadeReady> {
  const { config, packages } = deps;
  const notes: MadeReady['notes'] = [];
  const { missing } = await filesToCopy(config.worktree.copy, project);
  if (missing.length > 0)
    notes.push({
      type: 'worktree.not_copied',
      message: `Not copied into the worktree, for the checkout has no such file: ${missing.join(', ')}.`,
    });
  try {
    const entry = await packages.of(project, undefined, signal);
    const { problem: withoutPackages } = await packages.used(project.id);
    if (withoutPackages !== undefined) notes.push({ type: 'setup.failed', message: withoutPackages });
    return { entry, problem: null, notes };
  } catch (error) {
    const problem = signal.aborted && !isSetupFailure(error) ? null : problemOf(error, config);
    return { entry: null, problem, notes };
  }
}

const isSetupFailure = (error: unknown): error is DarkFactoryError =>
  error instanceof DarkFactoryError && error.code === 'setup_failed';

/** Throws what is no failure of the set-up. */
function problemOf(error: unknown, { sandbox }: WorktreeDeps['config']): string {
  if (!isSetupFailure(error)) throw error;
  return `${error.message}${sandbox.setupNetwork ? '' : ' The set-up has no network unless sandbox.setupNetwork is true in config.yaml.'}`;
}

/** What commands of a project's agent find in its worktree beside its files. */
export async function worktreeMounts(deps: WorktreeDeps, project: Project): Promise<TreeMounts> {
  const { packages, git, config, root } = deps;
  const entry = await packages.of(project);
  const sandbox = await deps.sandbox();
  const { own } = await packages.used(project.id);
  const pointers = await git.submodulePointers(project.repository, project.worktreePath);
  const links = await linksOf(config.worktree.link, project);
  const wanted = movesTrees(sandbox) ? [...mountsOf(entry, links, own), ...pointers] : [];
  const mounts = await placeMounts(project.worktreePath, project.worktreePath, wanted, entry);
  return (await sandbox.layers(root)) ? withLayers(mounts, entry, join(root, project.id, 'layers')) : mounts;
}

/** See `Workspace.cleanup`. */
export async function cleanup(deps: WorktreeDeps, project: Project): Promise<void> {
  const { config, state } = deps;
  const { teardown: command } = config.worktree;
  if (command === undefined) return;
  const told = (problem: string) =>
    warn(
      deps,
      project,
      'worktree.teardown_failed',
      `The command worktree.teardown of config.yaml failed: ${problem}`,
    );
  try {
    const sandbox = await deps.sandbox();
    const { file, relative } = await state.newOutput(project.id, 'teardown');
    const result = await sandbox.run({
      ...(await worktreeMounts(deps, project)),
      command,
      worktree: project.worktreePath,
      gitDir: project.gitDir,
      timeoutMs: config.sandbox.commandTimeout,
      outputFile: file,
    });
    if (result.ended === 'exit' && result.exitCode === 0) return;
    const how =
      result.ended === 'exit' ? `exit code ${result.exitCode ?? 'none'}` : `ended by ${result.ended}`;
    await told(`${how}, output in ${relative}.`);
  } catch (error) {
    if (!(error instanceof DarkFactoryError)) throw error;
    await told(error.message);
  }
}

function warn(
  { record }: Pick<WorkspaceDeps, 'record'>,
  { id }: Project,
  type: PlainType,
  message: string,
): Promise<void> {
  return record({ projectId: id, type, level: 'warn', message });
}
