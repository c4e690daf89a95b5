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
  const locks = pins.changed.filter(({ path, allowed }) => allowed === 'owner' && isLockFile(path));
  const ids = locks.length === 0 ? null : await git.fileIds(project.repository, commit);
  const named = locks.map(({ path }) => `${ids?.get(path) ?? 'none'} ${path}`);
  const hash = createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 16);
  return {
    commit,
    over: [{ commit: project.baseCommit, paths: pins.fromBase }],
    texts: pins.texts,
    ...(locks.length === 0 ? {} : { dependencies: hash }),
  };
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
