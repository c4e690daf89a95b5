import { isDefinition, isManifest } from '../pins/definitions.ts';
import { isTestPath, SNAPSHOT } from '../test-source/test-files.ts';

/**
 * Whether a file belongs to that by which a run is judged. Runners write snapshots that are missing; lock files and the like are no
 * concern.
 */
export function decides(path: string): boolean {
  return isDefinition(path) || isManifest(path) || (isTestPath(path) && !SNAPSHOT.test(path));
}
