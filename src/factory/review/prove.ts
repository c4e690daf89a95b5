import type { Project } from '../model/project.ts';
import type { Repro, ReproRun } from '../model/review.ts';
import type { ScratchContent, ScratchTrees } from '../ports/workspace.ts';
import { inScratchTree } from '../ports.ts';
import { type Judgement, judgeRuns, type SeenRun } from './judge.ts';

/** A repro is small: what takes longer is a test suite, or waits for something. Milliseconds. */
const LONGEST_REPRO_MS = 120_000;

export interface ProveDeps {
  trees: ScratchTrees;
  /** `gates.timeout`, milliseconds. */
  timeoutMs: number;
}

export interface Sides {
  project: Project;
  head: ScratchContent;
  base: ScratchContent;
}

export interface Proved extends Judgement {
  runs: ReproRun[];
  /** What the last run printed. */
  output: string;
}

/**
 * Runs a repro: on the head, on the base, and on the head once more, each in a fresh tree, so that none finds what another one left
 * behind. What comes first decides where the rest could change nothing.
 *
 * @returns `null` when it was cut off
 */
export async function prove(
  { trees, timeoutMs }: ProveDeps,
  { project, head, base }: Sides,
  { id, repro }: { id: string; repro: Repro },
  signal: AbortSignal,
): Promise<Proved | null> {
  const seen: SeenRun[] = [];
  let output = '';
  for (const on of ['head', 'base', 'head'] as const) {
    const run = await inScratchTree(trees, project, on === 'head' ? head : base, async (tree) => {
      await tree.write((repro.files ?? []).map(asFile));
      const { result, relative } = await tree.run({
        command: repro.command,
        label: `repro-${id}-${on}`,
        timeoutMs: Math.min(timeoutMs, LONGEST_REPRO_MS),
        signal,
      });
      return { result, relative, changed: await tree.restore() };
    });
    if (signal.aborted) return null;
    const { exitCode, ended } = run.result;
    seen.push({ on, exitCode, ended, outputFile: run.relative, changed: run.changed });
    output = run.result.output;
    const judgement = judgeRuns(repro.exitCode, seen);
    if (judgement !== null)
      return { ...judgement, output, runs: seen.map(({ changed: _, ...each }) => each) };
  }
  throw new Error(`three runs of ${id} decide nothing`);
}

const asFile = ({ path, content }: { path: string; content: string }) => ({
  path,
  content: Buffer.from(content),
  executable: false,
});
