import { createHash } from 'node:crypto';
import type { Project } from '../../model/project.ts';
import type { ScratchContent } from '../../ports/workspace.ts';
import type { GitManager } from '../../ports.ts';
import { isLockFile } from './definitions.ts';
import type { PermissionTexts } from './permission.ts';
import { findPins, type Pins } from './pins.ts';

type Reader = Pick<GitManager, 'listFiles' | 'showFile' | 'fileIds' | 'changedFiles'>;

/** The commit with the definitions of its base, and where the owner allowed other packages, with those installed. */
export async function contentOf(
  git: Pick<Reader, 'fileIds'>,
  project: Project,
  commit: string,
  pins: Pins,
): Promise<ScratchContent> {
  const owners = pins.changed.filter(({ allowed }) => allowed === 'owner').map(({ path }) => path);
  return {
    commit,
    over: [{ commit: project.baseCommit, paths: pins.fromBase }],
    texts: pins.texts,
    ...(await dependenciesOf(git, project, commit, owners)),
  };
}

/** Which packages a commit has, where lock files are among the changed files; otherwise those of the base commit. */
export async function dependenciesOf(
  git: Pick<Reader, 'fileIds'>,
  { repository }: Pick<Project, 'repository'>,
  commit: string,
  changed: readonly string[],
): Promise<Pick<ScratchContent, 'dependencies'>> {
  const locks = changed.filter(isLockFile);
  if (locks.length === 0) return {};
  const ids = await git.fileIds(repository, commit);
  const named = locks.map((path) => `${ids.get(path) ?? 'none'} ${path}`);
  return { dependencies: createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 16) };
}

/**
 * What a command that proves work at `commit` is shown: the same content as the gate.
 *
 * @param commands those whose programs count as definitions: the gate's, and what the owner asked for; never the agent's own
 *   criteria, for the program that they run may be what the task is about
 */
export async function pinnedContent(
  git: Reader,
  project: Project,
  commit: string,
  words: PermissionTexts,
  commands: readonly string[],
): Promise<ScratchContent> {
  return contentOf(git, project, commit, await findPins(git, project, commit, words, commands));
}
