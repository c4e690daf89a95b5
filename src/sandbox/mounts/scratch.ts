import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface Scratch {
  folder: string;
  home: string;
  temporary: string;
  remove(): void;
}

/** A home and a temporary folder for one command, where there is no memory-backed one: on disk, of no limited size. */
export function makeScratch(folder: string): Scratch {
  const made = realpathSync(mkdtempSync(join(folder, 'run-')));
  const [home, temporary] = [join(made, 'home'), join(made, 'tmp')];
  mkdirSync(home);
  mkdirSync(temporary);
  const remove = (): void => rmSync(made, { recursive: true, force: true });
  return { folder: made, home, temporary, remove };
}
