import { isDefinitionOfBase, isManifest } from '../gates/pins/definitions.ts';
import { isTestPath } from '../gates/test-source/test-files.ts';
import type { SealedFile } from '../model/sealing/sealed.ts';

/** Most that a persona may seal: more is no acceptance test any more, and every gate copies it. */
export const SEALED_LIMITS = {
  files: 40,
  fileBytes: 64 * 1024,
  bytes: 512 * 1024,
  pathCharacters: 200,
} as const;

/** Never read back from the project's folder, so what lay there would be lost. */
const NOT_KEPT: ReadonlySet<string> = new Set(['.git', 'node_modules', '__pycache__', '.DS_Store']);

/**
 * Why a sealed file may not be written, for its writer; `null` when it may.
 *
 * A sealed file is laid over the work. One in the place of a source file would stand in for the very work it is to check, and
 * a definition of proof would change what the command does: so only new files of tests are let in.
 *
 * @param base paths of the base commit
 * @param files what is sealed so far
 * @param command names files that count as tests, too
 */
export function sealedPathProblem(
  path: string,
  { base, files, command }: { base: readonly string[]; files: readonly SealedFile[]; command: string },
): string | null {
  const parts = path.split('/');
  if (path.length > SEALED_LIMITS.pathCharacters || /[\\\p{Cc}]/u.test(path) || parts.some(isNoName))
    return `${JSON.stringify(path.slice(0, 200))} is no plain relative path below the top of the repository.`;
  if (parts.some((part) => NOT_KEPT.has(part)))
    return `Nothing is sealed in ${parts.find((part) => NOT_KEPT.has(part))}.`;
  if (isDefinitionOfBase(path) || isManifest(path))
    return `${path} says how work is proved; sealed checks may not change that.`;
  if (!isTestPath(path) && !command.split(/[\s'";&|()]+/).includes(path))
    return `${path} is no path of a test: put it into a folder of tests, or name it as the repository names its tests.`;
  if (base.includes(path)) return `${path} is in the repository already. Choose a path that is not.`;
  const taken = [...base, ...files.map((file) => file.path)];
  const clash = taken.find((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`));
  return clash === undefined
    ? null
    : `${path} cannot lie beside ${clash}: one of them would be file and folder.`;
}

const isNoName = (part: string): boolean => part === '' || part === '.' || part === '..';

/** Why this much may not be sealed, for its writer; `null` when it may. */
export function sealedSizeProblem(
  path: string,
  content: Buffer,
  files: readonly SealedFile[],
): string | null {
  const { files: most, fileBytes, bytes } = SEALED_LIMITS;
  if (content.length > fileBytes)
    return `${path} has ${content.length} bytes; at most ${fileBytes} are taken.`;
  const others = files.filter((file) => file.path !== path);
  if (others.length >= most) return `There are ${most} files already, and that is the most.`;
  const sum = others.reduce((all, file) => all + file.content.length, content.length);
  return sum > bytes ? `All files together would have ${sum} bytes; at most ${bytes} are taken.` : null;
}
