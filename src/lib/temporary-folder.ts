import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isThere, processNamespace } from './process/others.ts';

/** What temporary folders of the factory are for. */
export type TemporaryUse = 'doctor' | 'layer' | 'merge' | 'push' | 'sandbox' | 'self-test';
const NAME = /^df-(?:doctor|layer|merge|push|sandbox|self-test)-(?<world>\d+)-(?<pid>\d+)-/;

export interface TemporaryFolder {
  folder: string;
  close(): void;
}

/**
 * A folder of this process, mode 0700, below `parent`. Goes with `close` or with the end of the process; those of
 * processes that were killed are removed on the way.
 */
export function makeTemporaryFolder(use: TemporaryUse, parent: string = tmpdir()): TemporaryFolder {
  removeLeftFolders(parent);
  const folder = mkdtempSync(join(parent, `df-${use}-${processNamespace()}-${process.pid}-`));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', remove);
  return {
    folder,
    close() {
      process.removeListener('exit', remove);
      remove();
    },
  };
}

/** Removes the folders of this user's processes that are gone. @returns those that were removed */
export function removeLeftFolders(parent: string = tmpdir()): string[] {
  const here = processNamespace();
  return readdirSync(parent).flatMap((name) => {
    const { world, pid } = NAME.exec(name)?.groups ?? {};
    const left = world === here && pid !== undefined && !isThere(Number(pid));
    return left && removeQuietly(join(parent, name)) ? [join(parent, name)] : [];
  });
}

function removeQuietly(folder: string): boolean {
  try {
    const found = lstatSync(folder);
    // In one of another user's, who could lead the removal away while it goes on, there is nothing of ours.
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch {
    // Removed by another process at the same moment: no matter of ours.
    return false;
  }
}
