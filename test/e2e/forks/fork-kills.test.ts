import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { treeLedger } from '../../../src/factory/decisions/tree/tree-costs.ts';
import type { Fork } from '../../../src/factory/model/fork.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { addTask, bad, decision, type ForkHouse, good, openForkHouse } from '../../support/fork-house.ts';
import type { RunningDf } from '../../support/processes/processes.ts';

/** All twenty by hand: `KILLS=20 npx vitest run --project real test/e2e/fork-kills`. */
const KILLS = Number(process.env['KILLS'] ?? 2);
/** Projects that run side by side; each kill of one hits all of them. */
const AT_ONCE = 4;

interface Look {
  house: ForkHouse;
  project: Project;
  fork: Fork | undefined;
  children: (Project | null)[];
}

type Moment = [name: string, isNow: (look: Look) => boolean | Promise<boolean>];

const journal = async ({ house, project }: Look): Promise<string> =>
  readFile(join(house.services.state.projectFolder(project.id), 'agents/engineer.jsonl'), 'utf8').catch(
    () => '',
  );
const pending = async ({ house, project }: Look) =>
  (await house.services.state.agent(project.id, 'engineer').get()).pendingDecisions.length;

const FORK: Moment[] = [
  ['the first folder of a branch appears', ({ children }) => children.some((each) => each !== null)],
  ['the decision is asked for', async (look) => (await journal(look)).includes('"propose_decision"')],
  ['the decision is pending', async (look) => (await pending(look)) > 0],
  ['the step ends with a fork', async (look) => (await journal(look)).includes('"outcome":"fork"')],
  ['the plan is written', ({ fork }) => fork !== undefined],
  ['both folders are there', ({ children }) => children.filter((each) => each !== null).length === 2],
  ['the fork is open', ({ fork }) => fork !== undefined && fork.phase !== 'planned'],
  ['a branch has its worktree', ({ children }) => children.some((each) => each?.prepared)],
  ['both branches are at work', ({ children }) => children.every((each) => each?.status === 'active')],
  ['a branch has ended', ({ children }) => children.some((each) => each?.endTime)],
];
const MERGE: Moment[] = [
  ['the gate on it has passed and the branch is about to move', ({ fork }) => fork?.merge?.landing === true],
  ['a branch is tidied up', ({ children }) => children.some((each) => each?.settled)],
  [
    'both branches have ended',
    ({ children }) => children.length === 2 && children.every((each) => each?.endTime),
  ],
  ['both are tidied up', ({ children }) => children.length === 2 && children.every((each) => each?.settled)],
  ['one is chosen', ({ fork }) => fork?.choice !== undefined],
  ['the merge is made', ({ fork }) => fork?.merge !== undefined],
  [
    'its gate has a report',
    async ({ house, project }) =>
      (await house.services.state.gates(project.id).list()).some(({ kind }) => kind === 'merge'),
  ],
  [
    'the parent stands at the merge',
    async ({ house, project, fork }) =>
      fork?.merge !== undefined &&
      (await house.services.git.branchHead(project.repository, project.workBranch)) === fork.merge.commit,
  ],
  ['the decision is taken', async (look) => look.fork?.merge !== undefined && (await pending(look)) === 0],
  ['the fork is over', ({ fork }) => fork?.endedAt !== undefined],
];

describe('kill -9 of all workers', () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  it(
    `at ${KILLS} moments of forks and merges: each project completes with two branches, one merge and an honest ledger`,
    async () => {
      const house = await openForkHouse(['limits:', '  crashes: 100'], 0, (close) => closers.push(close));
      let workers: RunningDf[] = await Promise.all([house.s.worker(), house.s.worker()]);
      let killing = Promise.resolve();
      const killAll = () => {
        killing = killing.then(async () => {
          for (const worker of workers) worker.kill('SIGKILL');
          await Promise.all(workers.map(({ exited }) => exited));
          workers = await Promise.all([house.s.worker(), house.s.worker()]);
        });
        return killing;
      };
      const look = async (id: string): Promise<Look> => {
        const project = await house.project(id);
        const [fork] = project.forks;
        const there = (fork?.branches ?? []).map(({ projectId }) =>
          house.project(projectId).catch(() => null),
        );
        return { house, project, fork, children: await Promise.all(there) };
      };
      const moments = FORK.flatMap((moment, index) => [moment, MERGE[index] ?? moment]).slice(0, KILLS);
      const roots: string[] = [];
      for (let from = 0; from < moments.length; from += AT_ONCE) {
        const batch = moments.slice(from, from + AT_ONCE).map(async ([name, isNow], index) => {
          const id = await house.begin(`kill-${from + index}`, {
            start: [addTask, decision(['Plus', 'Loop'])],
            options: { Plus: good(), Loop: bad },
          });
          roots.push(id);
          while (!(await isNow(await look(id)))) {
            expect((await house.project(id)).endTime, `${name}: the moment was missed`).toBeUndefined();
            await sleep(2);
          }
          await killAll();
          const ended = await house.ended(id);
          expect(ended.status, `${name}: ${ended.statusReason}`).toBe('completed');
          expect(ended.forks, name).toMatchObject([{ phase: 'merged' }]);
        });
        await Promise.all(batch);
      }
      const { projects } = await house.services.state.listProjects();
      const { git } = house.s.repository;
      for (const id of roots) {
        const { workBranch } = await house.project(id);
        expect(projects.filter(({ parentProjectId }) => parentProjectId === id)).toHaveLength(2);
        expect((await git('log', '--merges', '--format=%h', workBranch)).split('\n')).toHaveLength(1);
        expect(await git('show', `${workBranch}:sum.txt`)).toBe('a + b');
      }
      const places = (await git('worktree', 'list', '--porcelain')).split('\n');
      const trees = places.filter((line) => line.startsWith('worktree ')).map((line) => line.slice(9));
      expect(trees, JSON.stringify(places)).toEqual([house.s.repository.dir]);
      const books = await Promise.all(roots.map((id) => treeLedger(house.services.state, id)));
      const entries = books.flatMap((book) => book.entries);
      // Every known row was billed; what was billed and never arrived stands there as possible.
      const unknown = house.s.model.ledger.map(({ usd }) => usd);
      for (const { cost } of entries.filter(({ possible }) => !possible)) {
        const at = unknown.findIndex((usd) => Math.abs(usd - cost) < 1e-9);
        expect(at, `a request of $${cost} was billed`).toBeGreaterThanOrEqual(0);
        unknown.splice(at, 1);
      }
      expect(unknown.length).toBeLessThanOrEqual(entries.filter(({ possible }) => possible).length);
    },
    120_000 + KILLS * 40_000,
  );
});
