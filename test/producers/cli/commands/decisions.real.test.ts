import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CostSummary } from '../../../../src/factory/finance/books/costs.ts';
import type { Project } from '../../../../src/factory/model/project.ts';
import type { Calibration, DecisionLine } from '../../../../src/factory/report/calibration.ts';
import type { Report } from '../../../../src/factory/report/report-types.ts';
import type { Branch } from '../../../../src/producers/documents/branches.ts';
import {
  addStranger,
  type ForkedProject,
  makeForkedProject,
} from '../../../factory/decisions/forked-project.ts';
import { makeHome, type TestHome } from '../../../support/home.ts';
import { commandHere } from '../../../support/processes/command.ts';
import { makeRepository, type TestRepository } from '../../../support/repository.ts';

let home: TestHome;
let repository: TestRepository;
let made: ForkedProject;
let stranger: Project;

beforeAll(async () => {
  home = await makeHome();
  repository = await makeRepository();
  made = await makeForkedProject(home.home, repository);
  stranger = await addStranger(made);
});

afterAll(async () => {
  await repository.cleanup();
  await home.cleanup();
});

const df = (...args: string[]) =>
  commandHere(args, { home: home.home, env: repository.env, cwd: repository.dir });
async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await df(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

describe('df compare', () => {
  test('sets the figures of two branches side by side, and says which was chosen and why', async () => {
    const { proved, failed } = made;
    const document = await json<object>('compare', proved.id, failed.id.slice(0, 8));
    expect(document).toMatchObject({
      projects: [
        {
          id: proved.id,
          option: 'SQLite',
          status: 'completed',
          gate: { passed: true },
          sealed: { passed: 5, total: 5 },
          diff: { files: 2 },
          diffstat: [{ path: 'cart.js' }, { path: 'db.js' }],
        },
        { id: failed.id, option: 'A file', audit: null, cost: 2 },
      ],
      choice: {
        id: proved.id,
        option: 'SQLite',
        by: 'evidence',
        why: 'Only SQLite is proved.',
        decided: true,
      },
    });
    const { code, stdout } = await df('compare', proved.id, failed.id);
    expect(code).toBe(0);
    expect(stdout).toMatch(/SQLITE +A FILE\nid +[0-9a-f]{8} +[0-9a-f]{8}\n/);
    expect(stdout).toMatch(/sealed checks +5 of 5 +3 of 5/);
    expect(stdout).toMatch(/db\.js +\+3 -0/);
    expect(stdout).toMatch(/file\.js +\+1 -0/);
    expect(stdout).toContain('by evidence: Only SQLite is proved.');
  });

  test('compares a child with its parent too, and then there is nothing to choose', async () => {
    const document = await json<{ projects: { id: string }[]; choice?: unknown; note: string }>(
      'compare',
      made.root.id,
      made.proved.id,
      made.failed.id,
    );
    expect(document.projects).toHaveLength(3);
    expect(document).not.toHaveProperty('choice');
    expect(document.note).toBe('They are not branches of one decision.');
  });

  test('sets projects side by side that do not stem from one, and says when their base commits differ', async () => {
    const note = 'They are not branches of one decision';
    const { baseCommit } = stranger;
    const twin = await addStranger(made, { name: 'twin', baseCommit });
    const same = await json<object>('compare', stranger.id, twin.id);
    expect(same).toEqual({
      projects: [expect.objectContaining({ id: stranger.id }), expect.objectContaining({ id: twin.id })],
      note: `${note}.`,
    });
    const { code, stdout } = await df('compare', made.proved.id, stranger.id);
    expect(code).toBe(0);
    expect(stdout).toMatch(/sealed checks +5 of 5/);
    expect(stdout).toContain(
      `${note}, and their base commits differ: what they changed does not begin at the same code.`,
    );
  });

  test('one project, the same one twice, and one that is not there are refused', async () => {
    const { id } = made.proved;
    expect(await df('compare', id)).toMatchObject({ code: 2 });
    expect(await df('compare')).toMatchObject({ code: 2 });
    const twice = await df('compare', id, id.slice(0, 10));
    expect(twice.code).toBe(2);
    expect(twice.stderr).toMatch(/^error: The project .* was given twice/);
    expect(await df('compare', id, 'nothing')).toMatchObject({ code: 3 });
  });
});

test('df branches nests children with their figures, and a parent shows the total of its tree', async () => {
  const { root, proved, failed } = made;
  const document = await json<Branch & { lineage: string[] }>('branches', root.id);
  expect(document).toMatchObject({
    project: { id: root.id, totalCost: 3.5, tokensUsed: 5_000 },
    figures: { id: root.id, cost: 3.5, possible: 0.5 },
    children: [
      { project: { id: proved.id }, figures: { sealed: { passed: 5 } }, children: [] },
      { project: { id: failed.id }, children: [] },
    ],
    lineage: [root.workBranch],
  });
  const { stdout } = await df('branches', root.id);
  expect(stdout).toMatch(/├─ shop - SQLite {2}“SQLite” {2}completed {2}chosen .*gate 2\/2, sealed 5\/5/);
  expect(stdout).toMatch(/└─ shop - A file/);
  const child = await df('branches', proved.id);
  expect(child.stdout).toContain(`${root.workBranch} › ${proved.workBranch}`);
});

test('df costs counts the whole tree, tells whose an entry is, and shows a line for each branch', async () => {
  const costs = await json<CostSummary>('costs', made.root.id);
  expect(costs).toMatchObject({ projectId: made.root.id, totalSpent: 3.5, tokensUsed: 5_000 });
  expect(costs.entries.filter(({ projectId }) => projectId === made.failed.id)).toHaveLength(1);
  expect(costs.byProvider).toMatchObject([{ provider: 'main', cost: 3.5 }]);
  const { stdout } = await df('costs', made.root.id);
  expect(stdout).toMatch(new RegExp(`${made.failed.workBranch} +A file +1,000 +\\$2.00`));
  expect((await json<CostSummary>('costs', made.failed.id)).totalSpent).toBe(2);
});

test('df status and df list show the total of the tree', async () => {
  const { project } = await json<{ project: Project }>('status', made.root.id);
  expect(project.totalCost).toBe(3.5);
  const listed = await json<Project[]>('list');
  expect(listed.find(({ id }) => id === made.root.id)?.totalCost).toBe(3.5);
});

describe('df decisions', () => {
  test('tells stated confidence against outcome, of all projects or of one tree', async () => {
    interface Document {
      calibration: Calibration;
      decisions: DecisionLine[];
    }
    const all = await json<Document>('decisions');
    expect(all.calibration).toMatchObject({ count: 2, right: 1, shareRight: 0.5, pending: 1 });
    expect(all.decisions.map(({ question }) => question).sort()).toEqual([
      'Tabs or spaces?',
      'Where do carts live?',
    ]);
    expect((await json<Document>('decisions', made.root.id)).decisions).toHaveLength(2);
    expect((await json<Document>('decisions', stranger.id)).calibration).toMatchObject({
      count: 0,
      brier: null,
    });
    const { stdout } = await df('decisions');
    expect(stdout).toMatch(/0\.5 to 0\.6 +1 +50 % +100 %/);
    expect(stdout).toContain('Brier score');
    expect((await df('decisions', stranger.id)).stdout).toContain('No decision was proposed yet.');
  });

  test('a project that is not there is not found', async () => {
    expect(await df('decisions', 'nothing')).toMatchObject({ code: 3 });
  });
});

test('df export tells the decision with figures, choice, cost and what the other branch found out', async () => {
  const report = await json<Report>('export', made.root.id);
  expect(report.money).toMatchObject({ totalSpent: 3.5, possibleSpent: 0.5 });
  expect(report.decisions.find(({ fork }) => fork !== undefined)).toMatchObject({
    question: 'Where do carts live?',
    fork: {
      cost: 3.25,
      choice: { option: 'SQLite' },
      branches: [{ figures: { id: made.proved.id } }, { learnt: 'Locks are hard.' }],
    },
  });
  const { stdout } = await df('export', made.root.id);
  expect(stdout).toContain('### Where do carts live?');
  expect(stdout).toMatch(/\| sealed checks \| 5 of 5 \| 3 of 5 \|/);
});
