import { readAgents } from '../../factory/model/agents.ts';
import type { Project } from '../../factory/model/project.ts';
import type { StateStore, UnreadableProject } from '../../factory/ports.ts';
import { several } from '../../lib/async/several.ts';
import { isFailure } from '../../lib/failure.ts';

/** Projects whose files are read at a time. */
const AT_ONCE = 8;

/** Those of the open projects of which a file beside project.yaml cannot be read, each with the first such file. */
export async function damagedProjects(
  state: Pick<StateStore, 'costs' | 'tasks' | 'finance' | 'agent'>,
  open: readonly Project[],
): Promise<UnreadableProject[]> {
  const found = await several(AT_ONCE, open, async (project): Promise<UnreadableProject[]> => {
    const { id } = project;
    try {
      await Promise.all([
        state.costs(id).readAll(),
        state.tasks(id).get(),
        state.finance(id).get(),
        readAgents(state, project),
      ]);
      return [];
    } catch (error) {
      if (!isFailure(error)) throw error;
      // Removed since its document was read.
      return error.code === 'project_not_found' ? [] : [{ id, problem: error.message }];
    }
  });
  return found.flat();
}
