import type { Fork } from '../../../src/factory/model/fork.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { addProject, openStore } from '../../state/samples.ts';
import { makeFork } from './fork-fixture.ts';

const SETTINGS = { commands: {}, allowGateChanges: false };

/** A parent with a cap of $9 that explores one decision in two branches of $3, which have ended. */
export async function tree(folder: string, change: Partial<Fork>, children: Partial<Project> = {}) {
  const { store: state } = openStore(folder);
  const ids = [newUuid(), newUuid()];
  const { endedAt: _ended, choice: _choice, outcome: _outcome, ...sample } = makeFork();
  const branches = sample.branches.map(({ spent: _spent, ...branch }, index) => ({
    ...branch,
    projectId: ids[index] ?? '',
    budget: 3,
  }));
  const parent = await addProject(state, {
    status: 'paused',
    started: true,
    prepared: true,
    waiting: { for: 'project', detail: 'Explores.', since: new Date() },
    childProjectIds: ids,
    settings: { ...SETTINGS, budget: 9 },
    forks: [{ ...sample, branches, ...change }],
  });
  const made = await Promise.all(
    ids.map((id) =>
      addProject(state, {
        id,
        parentProjectId: parent.id,
        status: 'failed',
        settled: true,
        settings: { ...SETTINGS, budget: 3 },
        ...children,
      }),
    ),
  );
  const [a = parent] = made;
  const deps = { state, now: () => new Date(), record: async () => {} };
  return { state, deps, parent, a, now: () => state.project(parent.id).get() };
}

export const by = (who: 'owner' | 'evidence', projectId: string) => ({
  choice: { projectId, by: who, why: 'It is better.' },
});
