import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** All programs of this name that the PATH leads to, the one that a shell would start first. */
export function programsOnPath(name: string, searched = ''): string[] {
  return searched
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name))
    .filter(isProgram);
}

/** The one that a shell would start; `null`: there is none. */
export const findProgram = (name: string, searched: string): string | null =>
  programsOnPath(name, searched)[0] ?? null;

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Not there, or not for us.
    return false;
  }
}

/** Whether two paths lead to one file. */
export function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // One of them is not there.
    return one === other;
  }
}

/**
 * What a person can type to start this very program: the name that they used, if the PATH leads here by it; else its other
 * name, or its path.
 */
export function typedName(called: string, script: string, searched: string | undefined): string {
  const names = [called, called === 'df' ? 'dark-factory' : 'df'];
  const leadsHere = (name: string): boolean => {
    const [first] = programsOnPath(name, searched);
    return first !== undefined && isSameFile(first, script);
  };
  return names.find(leadsHere) ?? script;
}
