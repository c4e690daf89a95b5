import { ECOSYSTEMS } from '../ecosystems/all.ts';
import { INSTALLED } from '../ecosystems/installed.ts';
import type { Family, Manifest } from '../ecosystems/types.ts';

/** Which files say how the work is proved, and so come from the base commit when a gate runs. */

const DEFINITIONS = ECOSYSTEMS.map(({ definitions }) => definitions);
const NAMES = DEFINITIONS.flatMap(({ names }) => names);
const PATHS = DEFINITIONS.flatMap(({ paths }) => paths);
const FAMILIES = DEFINITIONS.flatMap(({ families }) => families);
const MANIFESTS = ECOSYSTEMS.flatMap(({ manifests }) => manifests);

const familyOf = (path: string): Family | undefined => FAMILIES.find(({ names }) => names.test(nameOf(path)));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether a path decides which packages the set-up installs. */
export function isLockFile(path: string): boolean {
  return FAMILIES.some(({ names, locks }) => locks && names.test(nameOf(path)));
}

/** Whether a path, new or old, says how work is proved. */
export function isDefinition(path: string): boolean {
  if (INSTALLED.test(path)) return true;
  if (PATHS.some((pattern) => pattern.test(path))) return true;
  return NAMES.some((pattern) => pattern.test(nameOf(path)));
}

/** Whether a path counts because the base commit holds it. */
export function isDefinitionOfBase(path: string): boolean {
  return isDefinition(path) || familyOf(path) !== undefined;
}

/** Whether a path, which may be new, is read in place of a file that the base commit has in the same folder, or is that file. */
export function isDefinitionBeside(path: string, base: ReadonlySet<string>): boolean {
  if (base.has(path)) return isDefinitionOfBase(path);
  const family = familyOf(path);
  if (family === undefined || family.free) return false;
  const folder = path.slice(0, path.length - nameOf(path).length);
  for (const each of base) {
    if (each.startsWith(folder) && !each.includes('/', folder.length) && family.names.test(nameOf(each)))
      return true;
  }
  return false;
}

/** Of a path that is ordinary work where the base commit has none: what of its text is not. */
export function firstOf(path: string): Family['first'] {
  return familyOf(path)?.first;
}

/** Of files of which only sections define gates: the rest of them is ordinary work. */
export function manifestOf(path: string): Manifest | undefined {
  return MANIFESTS.find(({ name }) => name.test(nameOf(path)));
}

export function isManifest(path: string): boolean {
  return manifestOf(path) !== undefined && !INSTALLED.test(path);
}

/**
 * @param paths any paths
 * @returns those that define gates wherever they come from, without the content of installed packages
 */
export function definitionsIn(paths: readonly string[]): string[] {
  return paths.filter((path) => isDefinitionOfBase(path) && !INSTALLED.test(path));
}

/** For people: a folder of installed packages in place of the thousand files in it. Sorted, each once. */
export function summarisePaths(paths: readonly string[]): string[] {
  const short = paths.map((path) => {
    const found = INSTALLED.exec(path);
    return found === null ? path : `${path.slice(0, found.index + found[0].length).replace(/\/$/, '')}/`;
  });
  return [...new Set(short)].sort();
}

/** Whether a path holds words for people alone. */
export function isDocument(path: string): boolean {
  return (
    /\.(md|markdown|txt|rst|adoc)$/i.test(path) &&
    !/(^|\/)(?:[\w.-]*requirements[\w.-]*(?:\/|\.txt$)|constraints[\w.-]*\.txt$)/i.test(path) &&
    !isDefinitionOfBase(path)
  );
}
