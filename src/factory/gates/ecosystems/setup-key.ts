import type { Project } from '../../model/project.ts';
import type { GitManager } from '../../ports.ts';
import { isDefinition, isLockFile, isManifest } from '../pins/definitions.ts';
import { projectEcosystem } from '../run/commands.ts';
import { ECOSYSTEMS } from './all.ts';
import { isInstalled } from './installed.ts';
import type { FoundCommand } from './types.ts';

type Reader = Pick<GitManager, 'listFiles' | 'showFile' | 'fileIds'>;

const FACTS = ECOSYSTEMS.map(({ setup }) => setup);
/** Each is read, so a repository with more is taken by its commit. */
const MOST_MANIFESTS = 20;

/**
 * What decides about the outcome of a set-up: with the same answer the same packages are installed. An install that is known
 * to read nothing but manifests, locks and settings is named by their content; every other command by the base commit, for it
 * may read any file of it.
 */
export async function setupInputs(git: Reader, project: Project, setup: FoundCommand): Promise<string[]> {
  const { repository, baseCommit } = project;
  const whole = [`commit ${baseCommit}`];
  const known = (await projectEcosystem(git, project)).setup;
  // What is optional reads lists of any name and the repository's own package.
  if (known === null || known.command !== setup.command || known.optional) return whole;
  const ids = await git.fileIds(repository, baseCommit);
  const paths = [...ids.keys()].filter((path) => !isInstalled(path));
  const manifests = paths.filter((path) => isManifest(path) || FACTS.some(({ reads }) => reads?.test(path)));
  if (
    manifests.length > MOST_MANIFESTS ||
    paths.some((path) => FACTS.some(({ readsAll }) => readsAll?.test(path)))
  )
    return whole;
  const texts = await Promise.all(
    manifests.map(async (path) => ({ path, text: await git.showFile(repository, baseCommit, path) })),
  );
  if (texts.some(({ path, text }) => text === null || FACTS.some((facts) => facts.runsCode(path, text))))
    return whole;
  return paths
    .filter((path) => manifests.includes(path) || isLockFile(path) || isDefinition(path))
    .sort()
    .map((path) => `${ids.get(path)} ${path}`);
}
