import { isDefinition } from '../../factory/gates/pins/definitions.ts';
import { decides } from '../../factory/gates/proof/decides.ts';
import type { Project } from '../../factory/model/project.ts';
import type { ScratchContent, ScratchResult, ScratchTree } from '../../factory/ports/workspace.ts';
import { clearWay } from '../../lib/clear-way.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import type { WorkspaceDeps } from '../deps.ts';
import { copyInto, makePlace } from '../files.ts';
import type { Packages } from '../packages/packages.ts';
import {
  copyTo,
  mountsOf,
  movesTrees,
  placeMounts,
  type ReadOnlyMount,
  refused,
  type TreeMounts,
  withLayers,
} from '../packages/read-only-mounts.ts';
import type { SetupEntry } from '../packages/setup-cache.ts';
import { addedSince, withoutMade } from './added.ts';
import type { BareTrees } from './bare-trees.ts';
import { changedSince, replacedIn, stampsOf } from './rewritten.ts';
import { writeFiles } from './write-files.ts';

export type ScratchDeps = Pick<WorkspaceDeps, 'state' | 'sandbox'> & {
  git: Pick<
    WorkspaceDeps['git'],
    'restoreScratchTree' | 'listScratchTree' | 'submodulePointers' | 'changedFiles' | 'listFiles'
  >;
  bare: BareTrees;
  /** `data/scratch`. */
  root: string;
  packages: Packages;
  /** Files and folders of the owner's checkout that commands find in every tree. */
  links(project: Project): Promise<ReadOnlyMount[]>;
};

/** pytest then names the tests that passed, too; without it only those that failed. */
const ENVIRONMENT = { PYTEST_ADDOPTS: '-rfEsxXp' };

/** A scratch tree with the packages that the set-up made, which agents cannot change. */
export async function makeScratchTree(
  deps: ScratchDeps,
  project: Project,
  content: ScratchContent,
): Promise<ScratchTree> {
  const { bare, packages } = deps;
  const entry = await packages.of(project, content);
  const added = await addedSince(deps.git, project, content.commit);
  const made = withoutMade(project, content, entry, added);
  const { folder, remove } = await bare.make(project, made, added);
  try {
    const canMount = movesTrees(await deps.sandbox());
    const pointers = await deps.git.submodulePointers(project.repository, folder);
    const wanted = canMount ? [...mountsOf(entry, await deps.links(project)), ...pointers] : [];
    const mounts = await placeMounts(folder, canMount ? project.worktreePath : folder, wanted, entry);
    await copyTo(folder, entry, canMount);
    return ready(deps, project, { folder, entry, remove }, mounts);
  } catch (error) {
    await remove();
    throw error;
  }
}

function ready(
  { git, state, sandbox, root }: ScratchDeps,
  project: Project,
  { folder, entry, remove }: { folder: string; entry: SetupEntry | null; remove: () => Promise<void> },
  { env, ...mounts }: TreeMounts,
): ScratchTree {
  const place = {
    worktree: folder,
    appearsAt: project.worktreePath,
    gitDir: project.gitDir,
    ...mounts,
    env: { ...env, ...ENVIRONMENT },
  };
  const packages = (mounts.readOnlyMounts ?? []).filter(({ path }) => entry?.kept.lent.includes(path));
  const layers = `${folder}.layers`;
  const laid = new Set<string>();
  let copies = false;

  /** What one command writes over the packages, no other one finds: it may be a test of the agent's that wrote it. */
  async function inLayers(work: (view: TreeMounts) => Promise<ScratchResult>): Promise<ScratchResult> {
    try {
      const { rewritten, ...done } = await work(withLayers(mounts, entry, layers));
      if (rewritten === undefined) return done;
      for (const each of packages) rewritten.push(...(await replacedIn(each, layers)));
      return { ...done, rewritten };
    } finally {
      await removeTree(layers);
    }
  }

  /** The same where there are no layers: copies in the tree, as long as the command runs. */
  async function onCopies<T>(work: (view: TreeMounts) => Promise<T>): Promise<T> {
    const readOnlyMounts = (mounts.readOnlyMounts ?? []).filter((each) => !packages.includes(each));
    try {
      for (const { source, path } of packages) {
        await removeTree(await clearWay(folder, path));
        await copyInto(source, folder, path);
      }
      return await work({ ...mounts, readOnlyMounts, scratchFolders: [] });
    } finally {
      for (const { source, path } of packages) {
        await removeTree(await clearWay(folder, path));
        await makePlace(source, folder, path);
      }
    }
  }

  return {
    folder,
    place,
    remove,
    async write(files) {
      await writeFiles(folder, files);
      for (const { path } of files) laid.add(path);
    },
    async run({ command, label, timeoutMs, signal, watched = false }) {
      const box = await sandbox();
      for (const each of mounts.readOnlyMounts ?? []) await makeRoom(folder, each);
      const attempt = async (view: TreeMounts) => {
        const { file, relative } = await state.newOutput(project.id, label);
        const request = { ...place, ...view, env: place.env, command, timeoutMs, outputFile: file, signal };
        if (!watched) return { result: await box.run(request), relative };
        const own = (await git.listScratchTree(project.repository, folder)).filter(decides);
        const seen = await stampsOf(folder, [...new Set([...own, ...laid])]);
        const result = await box.run(request);
        return { result, relative, rewritten: await changedSince(folder, seen) };
      };
      if (packages.length === 0) return attempt(mounts);
      if (await box.layers(root)) return inLayers(attempt);
      if (copies) return onCopies(attempt);
      const done = await attempt(mounts);
      const { ended, exitCode, output } = done.result;
      const paths = packages.map(({ path }) => path);
      copies = ended === 'exit' && exitCode !== 0 && refused(output, paths);
      return copies ? onCopies(attempt) : done;
    },
    restore: () =>
      // A link may stand in the place of a folder.
      git.restoreScratchTree(
        project.repository,
        folder,
        (path) => isDefinition(path) || isDefinition(`${path}/`),
      ),
  };
}

/** A command before may have moved the place away and left a link or a file there, or on the way. */
async function makeRoom(folder: string, { source, path }: ReadOnlyMount): Promise<void> {
  const place = await clearWay(folder, path);
  if (await makePlace(source, folder, path)) return;
  await removeTree(place);
  await makePlace(source, folder, path);
}
