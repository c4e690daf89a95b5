/**
 * Loaded before every real test file (`setupFiles`): gives the file a temporary folder of its own and fails it when, after
 * its last hook, something of it is left: a process, a folder, a lock, a worktree.
 *
 * Whatever the tests and their children make goes below `os.tmpdir()`, which follows TMPDIR; a process is ours when its
 * environment, working folder or arguments name that folder.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { until } from '../until.ts';
import { processesOf } from './process-list.ts';

/** Of a file all of whose tests are skipped the hook below does not run, and its folder still stands here. */
const [outer = '', skipped] = tmpdir().split(/\/(dft-\w+)$/);
if (skipped !== undefined) rmSync(join(outer, skipped), { recursive: true, force: true });
/** Short: Unix sockets live below it. */
const folder = mkdtempSync(join(outer, 'dft-'));
process.env['TMPDIR'] = folder;

/** Node and its tools keep caches there; they are no leaks. */
const CACHES = new Set(['node-compile-cache', 'tsx-0', 'vitest', 'jiti']);

afterAll(async () => {
  try {
    // Children that were told to end may take a moment to be gone.
    await until(() => processesOf(folder).length === 0).catch(() => undefined);
    const processes = processesOf(folder);
    const files = readdirSync(folder).filter((name) => !CACHES.has(name) && !name.startsWith('tsx-'));
    for (const { pid } of processes) killIfThere(pid);
    expect({ processes, files }, 'left behind by this test file').toEqual({ processes: [], files: [] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
    process.env['TMPDIR'] = outer;
  }
}, 120_000);

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended by itself in between.
  }
}
