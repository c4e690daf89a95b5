import { readRun } from '../gates/run/run-check.ts';
import type { Project } from '../model/project.ts';
import type { SealedFile } from '../model/sealing/sealed.ts';
import type { SealWith } from '../model/sealing/sealer.ts';
import { inScratchTree, type ScratchTree } from '../ports/workspace.ts';
import type { SealingDeps } from './deps.ts';
import { type BaseRun, judgeSealed, type SealedVerdict } from './judge.ts';

/** Does work in a scratch tree of the base commit. It is gone afterwards. */
export async function inBaseTree<T>(
  { trees }: SealingDeps,
  project: Project,
  work: (tree: ScratchTree) => Promise<T>,
): Promise<T> {
  return inScratchTree(trees, project, { commit: project.baseCommit }, work);
}

/** Runs the sealed checks that are there on the base commit, in a tree of their own, and the same command without them. */
export async function tryOnBase(
  deps: SealingDeps,
  project: Project,
  { command }: Pick<SealWith, 'command'>,
  signal: AbortSignal,
): Promise<{ files: readonly SealedFile[]; verdict: SealedVerdict }> {
  const files = (await deps.state.sealed(project.id)) ?? [];
  const { readOutput } = deps.state;
  const once = (laid: readonly SealedFile[]): Promise<BaseRun> =>
    inBaseTree(deps, project, async (tree) => {
      await tree.write(laid);
      const timeoutMs = deps.config.gates.timeout;
      const ran = await tree.run({ command, label: 'sealing', timeoutMs, signal });
      return { result: ran.result, run: await readRun({ readOutput, project }, tree, ran) };
    });
  const without = await once([]);
  return { files, verdict: judgeSealed(files, files.length === 0 ? without : await once(files), without) };
}
