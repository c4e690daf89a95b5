import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runGate } from '../../../src/factory/gates/run/run-gate.ts';
import type { GateRun } from '../../../src/factory/gates/run/types.ts';
import type { QualityReport } from '../../../src/factory/model/gates/gate-report.ts';
import { stage } from '../../workspace/stage.ts';

export interface Work {
  /** Path to content; `null` takes the file away. */
  files: Record<string, string | null>;
  /** The project's description. */
  description?: string;
  /** Tasks of the agent's own. */
  tasks?: string[];
  acceptKnown?: boolean;
}

/** A repository on whose base commit the gate ran, and in which the gate can be asked of work, with git and sandbox but no agent. */
export async function trial(files: Record<string, string>, command: string, always: Partial<GateRun> = {}) {
  const s = await stage(files);
  const { repository } = s;
  const state = {
    newOutput: s.state.newOutput,
    readOutput: (_: string, relative: string) => readFile(join(repository.outside, relative), 'utf8'),
  };
  const deps = { state, git: s.git, sandbox: s.sandbox, now: () => new Date(), trees: s.trees };
  let runs = 0;
  const gate = (commit: string, more: Partial<GateRun>): Promise<QualityReport> =>
    runGate(deps, {
      id: `gate-${++runs}`,
      project: s.project,
      persona: 'engineer',
      kind: 'finish',
      round: runs,
      commit,
      checks: [{ name: 'Tests', command, expectedExitCode: 0, source: 'settings' }],
      baseline: undefined,
      words: { allowAll: false, owner: [], agents: [] },
      acceptKnown: false,
      earlier: [],
      earlierControls: [],
      timeoutMs: 60_000,
      signal: new AbortController().signal,
      progress: () => {},
      ...always,
      ...more,
    });
  const baseline = await gate(s.base, { kind: 'baseline' });
  return {
    baseline,
    /** The gate's report on this work, each done on the base commit anew. */
    async of({ files: work, description = 'Work.', tasks = [], acceptKnown = false }: Work) {
      await repository.git('checkout', '-q', '--detach', s.base);
      for (const [path, text] of Object.entries(work)) {
        if (text === null) await rm(join(repository.dir, path));
        else await repository.write(path, text);
      }
      await repository.git('add', '-A');
      await repository.git('commit', '-qm', 'Work');
      const commit = await repository.git('rev-parse', 'HEAD');
      return gate(commit, {
        baseline,
        acceptKnown,
        words: { allowAll: false, owner: [description], agents: tasks },
      });
    },
  };
}
