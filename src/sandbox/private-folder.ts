import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'df-sandbox';

export interface PrivateFolder {
  folder: string;
  close(): void;
}

/**
 * A folder of this process, mode 0700, below `parent`. Goes with `close` or with the end of the process; those of
 * processes that were killed are removed on the way.
 */
export function makePrivateFolder(parent: string): PrivateFolder {
  const world = processNamespace();
  removeLeftovers(parent, world);
  const folder = mkdtempSync(join(parent, `${NAME}-${world}-${process.pid}-`));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  return {
    folder,
    close() {
      process.removeListener('exit', remove);
      remove();
    },
  };
}

/** Process ids mean something only among processes that share them: two containers may share a temporary folder. */
function processNamespace(): string {
  if (process.platform !== 'linux') return '0';
  return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
}

function removeLeftovers(parent: string, world: string): void {
  for (const name of readdirSync(parent)) {
    const [, , owner, pid] = /^(df-sandbox)-(\d+)-(\d+)-/.exec(name) ?? [];
    if (owner === world && !isAlive(Number(pid))) removeQuietly(join(parent, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function removeQuietly(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Another user's, or removed by another process at the same moment: no matter of ours.
  }
}
