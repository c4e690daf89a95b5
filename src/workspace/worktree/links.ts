import { lstat, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Project } from '../../factory/model/project.ts';
import { orNull } from '../../lib/errno.ts';
import type { WorkspaceDeps } from '../deps.ts';
import { realBelow } from '../files.ts';
import { movesTrees, type ReadOnlyMount } from '../packages/read-only-mounts.ts';

/** Files looked at for sockets and pipes. */
const MOST = 200_000;

/**
 * `worktree.link` of config.yaml: files and folders of the owner's checkout that commands find, read-only, at the same place
 * in every tree. What went away or became a link since the project began is left out.
 */
export async function linksOf(
  paths: readonly string[],
  project: Pick<Project, 'repository'>,
): Promise<ReadOnlyMount[]> {
  const links: ReadOnlyMount[] = [];
  for (const path of paths) {
    const source = await realBelow(project.repository, path);
    if (source !== null) links.push({ source, path });
  }
  return links;
}

/**
 * Why a link cannot be made so that nothing gets back through it, for people; `null` when all can.
 *
 * A read-only mount keeps a command from changing files. It does not keep it from talking to a socket or a pipe, and a path
 * that git tracks would be one thing to the commands and another to git.
 */
export async function linkProblem(
  { config, home, git, sandbox }: Pick<WorkspaceDeps, 'config' | 'home' | 'git' | 'sandbox'>,
  project: Pick<Project, 'repository' | 'baseCommit' | 'worktreePath'>,
): Promise<string | null> {
  const { link } = config.worktree;
  if (link.length === 0) return null;
  const { mechanism } = await sandbox();
  if (!movesTrees({ mechanism }))
    return `worktree.link needs a sandbox that can show folders read-only (bubblewrap or unshare), and this one is "${mechanism}". Take the links out of config.yaml, or copy what is small with worktree.copy.`;
  const tracked = await git.listFiles(project.repository, project.baseCommit);
  const own = await Promise.all([home.root, home.data].map((place) => realpath(place)));
  for (const path of link) {
    const why = await problemOf(project.repository, path, tracked, own);
    if (why !== null) return `worktree.link: ${path} ${why}`;
    // A mount of a file needs a file to cover; one that git sees would be committed, empty.
    const file = (await lstat(join(project.repository, path))).isFile();
    if (file && !(await git.isIgnored(project.repository, project.worktreePath, path)))
      return `worktree.link: ${path} is a file that git does not ignore. Put it into .gitignore, or link its folder.`;
  }
  return null;
}

async function problemOf(
  repository: string,
  path: string,
  tracked: readonly string[],
  own: readonly string[],
): Promise<string | null> {
  const source = await realBelow(repository, path);
  if (source === null)
    return 'is not in the checkout, or is a symbolic link there. Name the real file or folder, or take it out of config.yaml.';
  if (tracked.some((each) => each === path || each.startsWith(`${path}/`) || path.startsWith(`${each}/`)))
    return 'is tracked by git, so every worktree has it already. Take it out of config.yaml.';
  if (own.some((place) => place === source || within(place, source) || within(source, place)))
    return "holds the factory's own files. Link a folder within it.";
  const special = await findSpecial(source);
  return special === null
    ? null
    : `holds ${special}, through which a command could get out. Take that away, or link what lies beside it.`;
}

const within = (path: string, folder: string): boolean => path.startsWith(`${folder}${sep}`);

/** A socket, pipe or device below a place; a note when there is too much to look at. */
async function findSpecial(top: string): Promise<string | null> {
  const folders = [top];
  let seen = 0;
  const kind = await lstat(top);
  if (kind.isFile()) return null;
  if (!kind.isDirectory()) return `${top}, which is no file or folder`;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of (await orNull(readdir(folder, { withFileTypes: true }))) ?? []) {
      const path = join(folder, entry.name);
      seen += 1;
      if (entry.isDirectory()) folders.push(path);
      else if (!entry.isFile() && !entry.isSymbolicLink()) return `${path}, a socket, pipe or device`;
    }
    if (seen > MOST) return `more than ${MOST} files, too many to look at`;
  }
  return null;
}
