import { expect, test } from 'vitest';
import { config } from '../../../src/factory/config/config.ts';
import { setBudget } from '../../../src/factory/decisions/budget/set-budget.ts';
import { lentBudget } from '../../../src/factory/decisions/budget/shares.ts';
import { evaluateBranches } from '../../../src/factory/decisions/choose/evaluate-branches.ts';
import { forkProject } from '../../../src/factory/decisions/fork/fork-act.ts';
import { readAgents } from '../../../src/factory/model/agents.ts';
import type { GitManager } from '../../../src/factory/ports.ts';
import { createGitManager } from '../../../src/git/manager.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { addProject, openStore } from '../../state/samples.ts';
import { withFolder } from '../../state/support.ts';
import { makeFork } from './fork-fixture.ts';

const SETTINGS = { commands: {}, allowGateChanges: false };

test.concurrent('a cap that is lowered while a fork is planned holds for its shares', () =>
  withFolder(async (folder) => {
    const { store: state } = openStore(folder);
    const project = await addProject(state, {
      status: 'active',
      started: true,
      prepared: true,
      settings: { ...SETTINGS, budget: 9 },
    });
    const explored = ['One', 'Two'];
    const options = explored.map((label) => ({
      label,
      description: '',
      confidence: 0.5,
      estimatedEffort: 'low',
    }));
    await state.agent(project.id, 'engineer').update((agent) => ({
      ...agent,
      status: 'blocked',
      pendingDecisions: [{ id: 'd', question: 'How?', confidence: 0.5, options, explored }],
    }));
    let lowered = false;
    const git: Pick<GitManager, 'head' | 'generateChildBranchName'> = {
      head: async () => 'f'.repeat(40),
      async generateChildBranchName(_repository, parent, label) {
        if (!lowered) await setBudget(state, project.id, 1.5, new Date());
        lowered = true;
        return `${parent}--${label}`;
      },
    };
    const deps = { state, git, now: () => new Date(), newId: newUuid, record: async () => {} };
    const fork = await forkProject(deps, project, await readAgents(state, project));
    expect(fork?.branches.map(({ budget }) => budget)).toEqual([0.5, 0.5]);
    const { settings, forks } = await state.project(project.id).get();
    expect([settings.budget, lentBudget({ forks })]).toEqual([1.5, 1]);
  }));

test.concurrent('a branch that waits for a budget is not ended when its parent has more for it already: it gets it and goes on', () =>
  withFolder(async (folder) => {
    const { store: state } = openStore(folder);
    const id = newUuid();
    const { endedAt: _ended, choice: _choice, ...fork } = makeFork({ phase: 'open' });
    const [first] = fork.branches;
    if (first === undefined) throw new Error('a branch');
    const { spent: _spent, proved: _proved, ...branch } = first;
    const parent = await addProject(state, {
      status: 'paused',
      started: true,
      waiting: { for: 'project', detail: 'Explores.', since: new Date() },
      childProjectIds: [id],
      settings: { ...SETTINGS, budget: 18 },
      forks: [{ ...fork, branches: [{ ...branch, projectId: id, budget: 6 }] }],
    });
    await addProject(state, {
      id,
      parentProjectId: parent.id,
      status: 'paused',
      started: true,
      prepared: true,
      waiting: { for: 'budget', detail: 'Its budget is spent.', since: new Date() },
      settings: { ...SETTINGS, budget: 3 },
    });
    const deps = {
      state,
      git: createGitManager({ env: {} }),
      config: config.parse({}),
      now: () => new Date(),
      record: async () => {},
    };
    expect(await evaluateBranches(deps, parent)).toEqual([id]);
    expect(await state.project(id).get()).toMatchObject({ status: 'active', settings: { budget: 6 } });
  }));
