import { isTestPath } from '../test-source/test-files.ts';
import { isInstalled } from './installed.ts';
import { declaresNodePackages, nodeInstall, nodeWorkspaces } from './node/node.ts';
import type { BaseTree, FoundCommand } from './types.ts';

/** Samples are there to be read, not to be installed. */
const SAMPLES = /(^|\/)(examples?|samples?|templates?|fixtures?|docs?|website|benchmarks?)\//i;
/** So many are looked at and named. */
const MOST = 20;

/**
 * Packages that folders of the repository declare and the set-up does not install, in sentences that offer the command.
 *
 * @param setup what installs at the root, if anything does
 */
export async function findUninstalled(tree: BaseTree, setup: FoundCommand | null): Promise<string[]> {
  if (await nodeWorkspaces(tree)) return [];
  const manifests = tree.paths.filter(
    (path) =>
      path.endsWith('/package.json') && !isInstalled(path) && !isTestPath(path) && !SAMPLES.test(path),
  );
  const folders: string[] = [];
  for (const path of manifests.slice(0, MOST))
    if (declaresNodePackages((await tree.read(path)) ?? '{}'))
      folders.push(path.slice(0, -'/package.json'.length));
  if (folders.length === 0) return [];
  const installs = folders.map((folder) => `(cd '${folder}' && ${nodeInstall(tree, folder)})`);
  const command = [...(setup === null ? [] : [setup.command]), ...installs].join(' && ');
  return [
    `Declared and not installed: the packages of ${folders.map((folder) => `${folder}/package.json`).join(', ')}. ` +
      `Where tests need them, give the set-up yourself: --setup "${command}"`,
  ];
}
