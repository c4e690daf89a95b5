import { constants, type Dirent } from 'node:fs';
import { open, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { always, orNull } from '../../lib/errno.ts';

/** Files that git reads by their names are called so, or lie in a folder that is. */
const OF_GIT = /\/\.git[^/]*(\/|$)/;
const NOT_FOLLOWED = constants.O_NONBLOCK | constants.O_NOFOLLOW;
/** It is read to its end, and holds a path. Bytes. */
const LARGEST_POINTER = 64 * 1024;
const HARMLESS = '/dev/null';

/** Where git may be led: what the agent wrote, and the git dir that it cannot write. */
export interface Bounds {
  folder: string;
  commonDir: string;
}

/** Paths are bytes, carried as latin1 text. */
interface Folder {
  path: string;
  /** git reads files of it by their names: a `.git`, or where one leads. */
  ofGit: boolean;
}

interface Look {
  top: string;
  inside: readonly string[];
  open: Folder[];
  /** Where pointers led. */
  known: Set<string>;
  removed: number;
}

/**
 * Removes what an agent laid for git to wait at, or to read without end, in places where git opens files by their names: named
 * pipes, links and pointers out of the worktree, and links to what is neither file nor folder. git tells whether a folder is a
 * repository by what lies in its `.git`, and a link there may lead to `/dev/zero` or to another command's pipe.
 *
 * What cannot be looked into, git does not read either.
 *
 * @returns how many ways out were removed; a git that was on one of them has to be ended
 */
export async function removeTraps(bounds: Bounds, ended: () => boolean): Promise<number> {
  const top = latin1(bounds.folder);
  const real = await Promise.all([bounds.folder, bounds.commonDir].map((path) => realPath(latin1(path))));
  const inside = real.filter((path) => path !== null);
  const look: Look = { top, inside, open: [{ path: top, ofGit: false }], known: new Set(), removed: 0 };
  for (let folder = look.open.pop(); folder !== undefined && !ended(); folder = look.open.pop()) {
    const entries = await orNull(
      readdir(bytes(folder.path), { withFileTypes: true, encoding: 'buffer' }),
      always,
    );
    for (const entry of entries ?? []) await lookAt(look, folder, entry);
  }
  return look.removed;
}

async function lookAt(look: Look, folder: Folder, entry: Dirent<Buffer>): Promise<void> {
  const name = entry.name.toString('latin1');
  const path = `${folder.path}/${name}`;
  // The worktree's own is nothing that git reads: it is told the git dir.
  const isDotGit = name === '.git' && folder.path !== look.top;
  const ofGit = folder.ofGit || isDotGit;
  if (entry.isDirectory()) look.open.push({ path, ofGit });
  else if (entry.isFIFO()) await removePipe(look, path);
  else if (entry.isSymbolicLink() && (ofGit || name.startsWith('.git'))) await followLink(look, path, ofGit);
  else if (entry.isFile() && (isDotGit || (folder.ofGit && name === 'commondir')))
    await followPointer(look, path);
}

/** Whoever waits for somebody to write to it finds it empty. */
async function removePipe(look: Look, path: string): Promise<void> {
  const isGits = OF_GIT.test(path.slice(look.top.length));
  // Where git reads by name one is taken away in any case. It is held open for it meanwhile, for git may come to it just now, and would
  // wait at a pipe without a name for ever. Another one can be opened only while somebody waits.
  const how = isGits ? constants.O_RDWR : constants.O_WRONLY;
  const held = await orNull(open(bytes(path), how | NOT_FOLLOWED), always);
  if (held === null && !isGits) return;
  const isGone = await rm(bytes(path)).then(
    () => true,
    () => false,
  );
  await held?.close();
  if (held === null && isGone) look.removed += 1;
}

async function followLink(look: Look, path: string, ofGit: boolean): Promise<void> {
  const real = await realPath(path);
  if (real === null || real === HARMLESS) return;
  const info = await orNull(stat(bytes(real)), always);
  const isSpecial = info !== null && !info.isFile() && !info.isDirectory();
  // Links in the place of files that are committed may lead anywhere, as links do.
  if (isSpecial || (ofGit && !isWithin(look, real))) return remove(look, path);
  if (!ofGit) return;
  if (info?.isDirectory()) goInto(look, real);
  else if (/\/(\.git|commondir)$/.test(path)) await followPointer(look, path);
}

/** A `.git` file (`gitdir: …`) or a `commondir`: a path to a folder of git's. */
async function followPointer(look: Look, path: string): Promise<void> {
  const info = await orNull(stat(bytes(path)), always);
  if (info === null) return;
  if (info.size > LARGEST_POINTER) return remove(look, path);
  const text = ((await orNull(readFile(bytes(path), 'latin1'), always)) ?? '').replace(/[\r\n]+$/, '');
  const target = resolve(dirname(path), text.replace(/^gitdir: /, ''));
  const real = await realPath(target);
  if (real === null) return;
  if (isWithin(look, real)) goInto(look, real);
  else await remove(look, path);
}

/** As a folder of git's, whatever it is called. */
function goInto(look: Look, path: string): void {
  const [worktree = ''] = look.inside;
  // A link to the whole worktree would make all its links suspect; the git dir no agent writes.
  if (path === worktree || !isBelow(path, worktree) || look.known.has(path)) return;
  look.known.add(path);
  look.open.push({ path, ofGit: true });
}

async function remove(look: Look, path: string): Promise<void> {
  await orNull(rm(bytes(path), { force: true }), always);
  look.removed += 1;
}

const isWithin = ({ inside }: Look, path: string): boolean => inside.some((folder) => isBelow(path, folder));
const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

async function realPath(path: string): Promise<string | null> {
  const real = await orNull(realpath(bytes(path), { encoding: 'buffer' }), always);
  return real?.toString('latin1') ?? null;
}

const latin1 = (path: string): string => Buffer.from(path).toString('latin1');
const bytes = (path: string): Buffer => Buffer.from(path, 'latin1');
