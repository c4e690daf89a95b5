import type { GitManager } from '../../ports.ts';
import type { Project } from '../../model/project.ts';
import { projectEcosystem } from '../run/commands.ts';
import { isDefinition, isInstalled, isLockFile, isManifest } from '../pins/definitions.ts';
import type { FoundCommand } from './types.ts';

type Reader = Pick<GitManager, 'listFiles' | 'showFile' | 'fileIds'>;

/** Says which version of a tool is meant. */
const TOOL_VERSION =
  /(^|\/)(\.nvmrc|\.node-version|\.python-version|\.ruby-version|\.tool-versions|\.?mise\.toml)$/;
const WORKSPACE = /(^|\/)(pnpm-workspace\.yaml|lerna\.json|go\.mod|setup\.py|setup\.cfg)$/;
/** Each is read, so a repository with more is taken by its commit. */
const MOST_MANIFESTS = 20;

/** Scripts of a package that an install runs: they may read, and so depend on, any file. */
const RUN_BY_INSTALL =
  /"(pre|post)?(install|prepare|prepublish)"\s*:|"(file|link|portal|patch|exec):|:\s*"(file|link|portal|patch|exec):|"patchedDependencies"/;

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
  const manifests = paths.filter((path) => isManifest(path) || WORKSPACE.test(path));
  if (
    manifests.length > MOST_MANIFESTS ||
    paths.some((path) => /(^|\/)(\.?pnpmfile\.c?js$|\.yarn\/)/.test(path))
  )
    return whole;
  const texts = await Promise.all(
    manifests.map(async (path) => ({ path, text: await git.showFile(repository, baseCommit, path) })),
  );
  if (texts.some(({ path, text }) => text === null || runsCode(path, text))) return whole;
  return paths
    .filter(
      (path) => manifests.includes(path) || isLockFile(path) || isDefinition(path) || TOOL_VERSION.test(path),
    )
    .sort()
    .map((path) => `${ids.get(path)} ${path}`);
}

/** Whether an install runs, or copies, what the repository itself holds. */
function runsCode(path: string, text: string): boolean {
  if (path.endsWith('setup.py')) return true;
  if (path.endsWith('pyproject.toml')) return /^\[build-system\]/m.test(text);
  if (path.endsWith('pnpm-workspace.yaml')) return text.includes('patchedDependencies');
  return path.endsWith('package.json') && RUN_BY_INSTALL.test(text);
}
