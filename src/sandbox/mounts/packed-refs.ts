import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { always, orNullSync } from '../../lib/errno.ts';

const COPY = 'packed-refs-';
/** A copy that no command asked for since then is in none that is about to start. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;

/**
 * A copy of `packed-refs` that has the branch of a worktree as well. The owner's git may move it there at any time, out of its own file:
 * a command, which sees the folder of branches as it is and `packed-refs` as it was, would find it in neither.
 *
 * @param own the git dir of the worktree
 * @returns `null` where nothing can be moved: the branch is packed or has no commit, or HEAD names a commit itself
 */
export function packedWithBranch(gitDir: string, own: string, folder: string): string | null {
  const branch = /^ref: (refs\/heads\/.+)\n$/.exec(textOf(join(own, 'HEAD')))?.[1];
  if (branch === undefined) return null;
  const [loose, packed] = [join(gitDir, branch), join(gitDir, 'packed-refs')];
  const [moved, into] = [stateOf(loose), stateOf(packed)];
  if (moved === null) return null;
  const state = [branch, moved, into].join('\n');
  const copy = join(folder, COPY + createHash('sha256').update(state).digest('hex').slice(0, 24));
  if (isThere(copy)) return copy;
  const commit = /^[0-9a-f]{40,64}(?=\n$)/.exec(textOf(loose))?.[0];
  if (commit === undefined) return null;
  removeForgotten(folder);
  const text = into === null ? '' : readFileSync(packed, 'latin1');
  writeFileSync(`${copy}.new`, withBranch(text, branch, commit), { encoding: 'latin1', mode: 0o600 });
  renameSync(`${copy}.new`, copy);
  return copy;
}

/** Pure. In its place by name, where git looks for it, instead of an older commit of it. Each byte of `packed` is a character. */
export function withBranch(packed: string, branch: string, commit: string): string {
  const name = Buffer.from(branch).toString('latin1');
  const lines = packed.split('\n').filter((line) => line !== '' && !line.endsWith(` ${name}`));
  const next = lines.findIndex((line) => /^[0-9a-f]/.test(line) && line.slice(line.indexOf(' ') + 1) > name);
  lines.splice(next === -1 ? lines.length : next, 0, `${commit} ${name}`);
  return `${lines.join('\n')}\n`;
}

/** Notes as well that it is asked for. */
function isThere(copy: string): boolean {
  const now = new Date();
  return orNullSync(() => utimesSync(copy, now, now)) !== null;
}

function removeForgotten(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => each.startsWith(COPY))) {
    const copy = join(folder, name);
    if (Date.now() - statSync(copy).mtimeMs > FORGOTTEN_AFTER_MS) rmSync(copy, { force: true });
  }
}

/** git never changes these files but by another one in their place. `null` when there is none (branches may be in a reftable). */
function stateOf(file: string): string | null {
  const info = orNullSync(() => statSync(file), always);
  return info?.isFile() ? [info.ino, info.size, info.mtimeMs, info.ctimeMs].join() : null;
}

/** What cannot be read is not there to be moved. */
const textOf = (file: string): string => orNullSync(() => readFileSync(file, 'utf8'), always) ?? '';
