import { ECOSYSTEMS } from './all.ts';

const FOLDERS = ECOSYSTEMS.flatMap(({ installed }) => installed).map((name) => name.replaceAll('.', '\\.'));
/** Folders of installed packages: what lies there is run by name. Only what the base commit tracks may be in them. */
export const INSTALLED = new RegExp(`(^|/)(${FOLDERS.join('|')})(/|$)`);

/** Whether a path lies in, or is, a folder of installed packages. */
export function isInstalled(path: string): boolean {
  return INSTALLED.test(path);
}
