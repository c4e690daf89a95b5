import { constants } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { always, orNull } from '../../lib/errno.ts';

/** git is done within milliseconds, as a rule. */
const FIRST_LOOK = 1_000;
const NEXT_LOOKS = 4;
/** Files that git reads by their names are called so, or lie in a folder that is. */
const OF_GIT = /\/\.git[^/]*(\/|$)/;
const WAITED_FOR = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/**
 * git reads `.gitignore`, `.gitattributes` and the `.git` of folders as it finds them, and waits without end where an agent
 * made a named pipe of one. Those go when git takes long; no commit could hold them.
 */
export async function withoutPipes<T>(folder: string, work: Promise<T>): Promise<T> {
  let pause = FIRST_LOOK;
  let timer = setTimeout(look, pause);
  let ended = false;
  async function look(): Promise<void> {
    await removePipes(Buffer.from(folder), () => ended);
    pause *= NEXT_LOOKS;
    if (!ended) timer = setTimeout(look, pause);
  }
  try {
    return await work;
  } finally {
    ended = true;
    clearTimeout(timer);
  }
}

/** Paths are bytes. What cannot be looked into, git does not read either. */
async function removePipes(top: Buffer, ended: () => boolean): Promise<void> {
  const folders = [top];
  for (let folder = folders.pop(); folder !== undefined && !ended(); folder = folders.pop()) {
    const entries = await orNull(readdir(folder, { withFileTypes: true, encoding: 'buffer' }), always);
    for (const entry of entries ?? []) {
      const path = Buffer.concat([folder, Buffer.from('/'), entry.name]);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFIFO()) await removePipe(path, path.subarray(top.length));
    }
  }
}

async function removePipe(path: Buffer, within: Buffer): Promise<void> {
  // It can be opened only while somebody waits for that, who then finds it empty.
  const waiting = await orNull(open(path, WAITED_FOR), always);
  if (waiting !== null || OF_GIT.test(within.toString('latin1')))
    await orNull(rm(path, { force: true }), always);
  await waiting?.close();
}
