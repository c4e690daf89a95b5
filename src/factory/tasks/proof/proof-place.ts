import { pinnedContent } from '../../gates/pins/content.ts';
import { permissionTexts } from '../../gates/pins/permission.ts';
import type { GateDeps } from '../../gates/run/types.ts';
import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { Project } from '../../model/project.ts';
import { OWNER, type Task } from '../../model/task.ts';
import type { ScratchTree, ScratchTrees } from '../../ports/workspace.ts';
import type { StateStore } from '../../ports.ts';

export interface ProofDeps extends GateDeps {
  state: Pick<StateStore, 'newOutput' | 'readOutput' | 'tasks' | 'gates'>;
  trees: ScratchTrees;
}

/**
 * The scratch tree in which commands prove tasks of one commit, with the same content as the gate's: what an agent put into
 * ignored folders or into definitions of proof has no say. Made when the first command needs it.
 */
export interface ProofPlace {
  readonly commit: string;
  /** The tree as the commit has it. Not for two at once. */
  tree(): Promise<ScratchTree>;
  /** To be called in any case. */
  close(): Promise<void>;
}

/** @param commands of the gate, and those by which the owner asked for something: what they start counts as a definition */
export function openProofPlace(
  deps: ProofDeps,
  project: Project,
  commit: string,
  commands: readonly string[],
): ProofPlace {
  let made: ScratchTree | null = null;
  return {
    commit,
    async tree() {
      if (made !== null) {
        await made.restore();
        return made;
      }
      const words = permissionTexts(project, await deps.state.tasks(project.id).get());
      made = await deps.trees.scratchTree(
        project,
        await pinnedContent(deps.git, project, commit, words, commands),
      );
      return made;
    },
    async close() {
      await made?.remove();
      made = null;
    },
  };
}

/** Does work with a place, and closes it whatever happens. */
export async function inProofPlace<T>(
  place: ProofPlace,
  work: (place: ProofPlace) => Promise<T>,
): Promise<T> {
  try {
    return await work(place);
  } finally {
    await place.close();
  }
}

/** Commands whose programs count as definitions of proof: the gate's, and the criteria that the owner wrote. */
export function definingCommands(checks: readonly GateCheck[], tasks: readonly Task[]): string[] {
  const gate = checks.flatMap(({ command }) => (command === null ? [] : [command]));
  const owner = tasks.filter(({ addedBy }) => addedBy === OWNER);
  return [...gate, ...owner.flatMap(({ criteria }) => criteria.map(({ command }) => command))];
}
