/**
 * Loaded before every real test file (`setupFiles`): gives the file a temporary folder of its own and fails it when, after
 * its last hook, something of it is left: a process, a folder, a lock, a worktree.
 *
 * Whatever the tests and their children make goes below `os.tmpdir()`, which follows TMPDIR; a process is ours when its
 * environment, working folder or arguments name that folder.
 */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { until } from './until.ts';

const outer = tmpdir();
/** Short: Unix sockets live below it. */
const folder = mkdtempSync(join(outer, 'dft-'));
process.env['TMPDIR'] = folder;

/** Node and its tools keep caches there; they are no leaks. */
const CACHES = new Set(['node-compile-cache', 'tsx-0', 'vitest', 'jiti']);

afterAll(async () => {
  try {
    // Children that were told to end may take a moment to be gone.
    await until(() => processesOf(folder).length === 0, 5_000).catch(() => undefined);
    const processes = processesOf(folder);
    const files = readdirSync(folder).filter((name) => !CACHES.has(name) && !name.startsWith('tsx-'));
    for (const { pid } of processes) killIfThere(pid);
    expect({ processes, files }, 'left behind by this test file').toEqual({ processes: [], files: [] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
    process.env['TMPDIR'] = outer;
  }
}, 20_000);

/** Living processes (not zombies) that name `mark`; only Linux tells. */
export function processesOf(mark: string): { pid: number; command: string }[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), command: describe(Number(name), mark) }))
    .filter((found): found is { pid: number; command: string } => found.command !== null);
}

function describe(pid: number, mark: string): string | null {
  try {
    const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
    const command = read('cmdline');
    // A zombie has no command line.
    if (command === '') return null;
    const named = [command, read('environ'), readlinkSync(`/proc/${pid}/cwd`)].some((text) =>
      text.includes(mark),
    );
    return named ? command.replaceAll('\0', ' ').trim() : null;
  } catch {
    // Ended while we looked, or not ours to look at.
    return null;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended by itself in between.
  }
}
