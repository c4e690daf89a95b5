import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { summariseCosts } from '../../../src/factory/finance/books/costs.ts';
import { modelRecords } from '../../../src/factory/history/models.ts';
import type { Decision } from '../../../src/factory/model/agent.ts';
import { nightReport } from '../../../src/factory/report/night/night.ts';
import { nightSections, totalsText } from '../../../src/factory/report/night/night-sections.ts';
import { projectFigures } from '../../../src/producers/health/project-figures.ts';
import type { Services } from '../../../src/services.ts';
import { row } from '../../factory/finance/fixtures.ts';
import { addProject, openStore } from '../../state/samples.ts';
import { sampleTask } from '../../support/samples.ts';

const NOW = new Date('2026-11-30T06:00:00Z');
const since = new Date(0);

async function house() {
  const folder = await mkdtemp(join(tmpdir(), 'told-alike-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { store: state } = openStore(folder);
  const project = await addProject(state, { started: true, status: 'active', createdAt: since });
  return { state, project, figuresOf: (each = project) => projectFigures({ state } as Services, each) };
}

it('what may have been billed without a reply is shown apart by costs, nights, models and metrics alike', async () => {
  const { state, project, figuresOf } = await house();
  const rows = [
    row({ requestId: 'known', cost: 0.1 }),
    row({ requestId: 'lost', cost: 0.5, possible: true }),
  ];
  for (const each of rows) await state.costs(project.id).append(each);
  const apart = { cost: 0.1, possible: 0.5 };

  const { totalSpent: cost, possibleSpent: possible } = summariseCosts(project.id, rows);
  expect({ cost, possible }).toEqual(apart);
  const night = await nightReport({ state }, { since, until: NOW, workers: 1 });
  expect([night.totals, ...night.projects]).toMatchObject([apart, apart]);
  const words = '$0.1000 spent, and $0.5000 more at most for replies that were lost';
  expect(totalsText(night)).toContain(words);
  expect(nightSections(night)[0]?.items[0]?.about.join()).toContain(words.replace(' spent', ''));
  expect((await modelRecords(state)).records).toMatchObject([apart]);
  const used = (await figuresOf()).providers.get('a');
  expect(used).toMatchObject({ usd: 0.1, possibleUsd: 0.5, requests: 1, lost: 1 });
});

it('metrics count what a branch took over from its parent once, and what it decided itself', async () => {
  const { state, project, figuresOf } = await house();
  const decision = (id: string, madeAt: Date): Decision => ({
    ...{ id, madeAt, question: 'Which?', confidence: 0.9, options: [] },
  });
  const own = new Date(NOW.getTime() + 1);
  const branch = await addProject(state, { parentProjectId: project.id, started: true, createdAt: NOW });
  for (const { id } of [project, branch]) {
    await state.tasks(id).update((list) => ({ ...list, tasks: [sampleTask()] }));
    await state
      .agent(id, 'engineer')
      .update((agent) => ({ ...agent, madeDecisions: [decision('a', since)] }));
  }
  await state.agent(branch.id, 'engineer').update((agent) => ({
    ...agent,
    madeDecisions: [...agent.madeDecisions, decision('b', own)],
  }));
  const [parents, branchs] = await Promise.all([figuresOf(), figuresOf(branch)]);
  expect(parents).toMatchObject({ decisions: 1, tasks: new Map([[sampleTask().status, 1]]) });
  expect(branchs).toMatchObject({ decisions: 1, tasks: new Map() });
});
