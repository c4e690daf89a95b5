import { join } from 'node:path';
import type { Project } from '../../factory/model/project.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Services } from '../../services.ts';
import { tellMissing } from './copies.ts';
import { copyTo, layered, type Lending, lendTo, lentOf } from '../packages/read-only-mounts.ts';
import { linkProblem, linksOf } from './links.ts';
import { packagesOf, scratchRoot } from '../workspace.ts';
import { movesTrees } from '../packages/install.ts';

/**
 * Gives a new worktree what its agent needs beside the files of the commit: copies of the owner's files, links, and what the
 * set-up makes, from the cache where another project had the same.
 *
 * @returns what went wrong, for people, or `null`; that it was cut off is nothing that went wrong
 */
export async function furnish(
  services: Services,
  project: Project,
  signal: AbortSignal,
): Promise<string | null> {
  const problem = await linkProblem(services, project);
  if (problem !== null) return problem;
  await tellMissing(services, project);
  const packages = packagesOf(services);
  try {
    const entry = await packages.of(project, undefined, signal);
    const { problem: missing } = await packages.used(project);
    if (missing !== undefined)
      await services.record({ projectId: project.id, type: 'setup.failed', level: 'warn', message: missing });
    if (entry === null) return null;
    await packages.setOwn(project, []);
    await copyTo(project.worktreePath, entry, movesTrees((await services.sandbox()).mechanism));
    return null;
  } catch (error) {
    if (error instanceof DarkFactoryError && error.code === 'setup_failed')
      return `${error.message}${services.config.sandbox.setupNetwork ? '' : ' The set-up has no network unless sandbox.setupNetwork is true in config.yaml.'}`;
    if (signal.aborted) return null;
    throw error;
  }
}

/** What commands of a project's agent find in its worktree beside its files. */
export async function lendingOf(services: Services, project: Project): Promise<Lending> {
  const packages = packagesOf(services);
  const entry = await packages.of(project);
  const sandbox = await services.sandbox();
  const canLend = movesTrees(sandbox.mechanism);
  const { own } = await packages.used(project);
  const pointers = await services.git.submodulePointers(project.repository, project.worktreePath);
  const wanted = canLend ? [...lentOf(entry, await linksOf(services, project), own), ...pointers] : [];
  const lending = await lendTo(project.worktreePath, project.worktreePath, wanted, entry);
  const root = scratchRoot(services);
  return (await sandbox.layers(root)) ? layered(lending, entry, join(root, project.id, 'layers')) : lending;
}

/** The owner's command for the end, in the sandbox. Whatever becomes of it, the worktree goes. */
export async function tearDown(services: Services, project: Project): Promise<void> {
  const { teardown: command } = services.config.worktree;
  if (command === undefined) return;
  const told = async (problem: string) =>
    services.record({
      projectId: project.id,
      type: 'worktree.teardown_failed',
      level: 'warn',
      message: `The command worktree.teardown of config.yaml failed: ${problem}`,
    });
  try {
    const sandbox = await services.sandbox();
    const { file, relative } = await services.state.newOutput(project.id, 'teardown');
    const result = await sandbox.run({
      ...(await lendingOf(services, project)),
      command,
      worktree: project.worktreePath,
      gitDir: project.gitDir,
      timeoutMs: services.config.sandbox.commandTimeout,
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
