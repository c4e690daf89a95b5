import type { Workspace } from '../factory/ports.ts';
import type { Clock } from '../lib/clock.ts';
import type { Processes } from '../lib/process/process.ts';
import type { Home } from '../state/home/home.ts';
import type { WorkspaceDeps } from '../workspace/deps.ts';

/** What trees of commits are made with, but for where they lie. */
export type TreeDeps = Pick<WorkspaceDeps, 'git' | 'sandbox' | 'config'> & {
  home: Home;
  clock: Clock;
  processes: Processes;
  /** `PATH`. */
  path: string;
};

export async function openWorkspace(
  deps: Omit<TreeDeps, 'home'> & Pick<WorkspaceDeps, 'home' | 'state' | 'record'>,
): Promise<Workspace> {
  const [{ createWorkspace }, { findProgram }] = await Promise.all([
    import('../workspace/workspace.ts'),
    import('../lib/process/programs.ts'),
  ]);
  const { clock, processes, path } = deps;
  return createWorkspace({
    ...deps,
    now: () => clock.now(),
    holder: () => processes.self(),
    liveness: (holder) => processes.liveness(holder),
    findProgram: (name) => findProgram(name, path),
  });
}
