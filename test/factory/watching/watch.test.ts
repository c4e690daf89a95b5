import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RetryOrder } from '../../../src/factory/lifecycle/retry.ts';
import type { NewEvent } from '../../../src/factory/model/event.ts';
import type { ForgesFile } from '../../../src/factory/model/forge/forge.ts';
import { isWatched } from '../../../src/factory/model/forge/publication.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import {
  type Forge,
  type ForgeCheck,
  ForgeNotNow,
  type ForgePull,
  type ForgeReviewComment,
} from '../../../src/factory/ports.ts';
import { failingPart } from '../../../src/factory/watching/failing-part.ts';
import { judgeChecks } from '../../../src/factory/watching/judge-checks.ts';
import { watchPull } from '../../../src/factory/watching/watch.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { NOW, PROJECT_ID, sampleProject } from '../../support/samples.ts';

const COMMIT = 'c'.repeat(40);
const MINUTE = 60_000;

/** A pull request of a completed project, and a forge that says what a test lets it say. */
function pullRequest(change: Partial<Project> = {}) {
  const publication = {
    ...{
      forge: 'shop',
      url: 'https://forge.example/7',
      number: 7,
      branch: 'df/x/2026-03-01',
      commit: COMMIT,
    },
    ...{ draft: false, proved: true, watch: true, at: NOW },
  };
  const { store } = createMemoryState(
    [sampleProject({ status: 'completed', settled: true, publication, ...change })],
    [],
  );
  let file = {
    forges: [
      {
        id: 'shop',
        kind: 'github',
        repository: 'acme/shop',
        token: 'env:T',
        url: 'https://forge.example',
        addedAt: NOW,
        formerly: [],
      },
    ],
  } as unknown as ForgesFile;
  const events: NewEvent[] = [];
  const said = {
    now: NOW,
    pull: { number: 7, state: 'open', commit: COMMIT, base: 'main' } as ForgePull,
    fork: 'b'.repeat(40) as string | null,
    checks: [] as ForgeCheck[],
    comments: [] as ForgeReviewComment[],
    log: 'no log',
    logAway: false,
    retries: 0,
  };
  const forge = {
    look: async () => ({ name: 'acme/shop', url: '', defaultBranch: 'main', lacks: null }),
    pull: async () => said.pull,
    fork: async () => said.fork,
    checks: async () => said.checks,
    checkLog: async () => {
      if (said.logAway) throw new ForgeNotNow('forge_away', 'no answer within 120 s', NOW);
      return said.log;
    },
    comments: async () => [],
    reviewComments: async () => said.comments,
  } as unknown as Forge;
  const look = () =>
    watchPull(
      {
        state: {
          ...store,
          forges: () => ({
            get: async () => file,
            update: async (next: (now: ForgesFile) => ForgesFile) => {
              file = next(file);
              return file;
            },
          }),
        } as never,
        config: { rounds: 2, reviewers: ['Ann'], patience: 60 * MINUTE },
        openForge: async () => forge,
        now: () => said.now,
        newId: randomUUID,
        record: async (event) => void events.push(event),
        secrets: async () => ['hunter2-hunter2'],
        actAs: () => ({
          async retryProject(id: string, { also, news }: RetryOrder = {}) {
            expect(news).toBe(true);
            said.retries += 1;
            return store
              .project(id)
              .update((current) => also?.({ ...current, status: 'active', settled: false }) ?? current);
          },
        }),
      },
      PROJECT_ID,
    );
  /** The attempt has ended, and its commit was published. */
  const ended = (commit: string) => {
    said.pull = { ...said.pull, commit };
    return store.project(PROJECT_ID).update((current) => ({
      ...current,
      ...{ status: 'completed' as const, settled: true, publication: { ...publication, commit } },
    }));
  };
  const told = async () =>
    (await store.talk(PROJECT_ID).entries()).map((each) => (each.type === 'message' ? each.text : ''));
  return { said, events, look, ended, told, project: () => store.project(PROJECT_ID).get() };
}

const check = (name: string, state: ForgeCheck['state']): ForgeCheck => ({
  id: `run/${name}`,
  name,
  state,
  log: '1',
});
const types = (events: readonly NewEvent[]) =>
  events.map(({ type }) => type).filter((type) => type.startsWith('checks.'));

describe('a pull request', () => {
  it('whose checks are red is handed to its agents with what failed, as often as the settings say', async () => {
    const { said, events, look, ended, told, project } = pullRequest();
    said.checks = [check('test', 'failed'), check('lint', 'pending')];
    expect(await look()).toBe('its checks have not ended yet');
    said.checks = [check('test', 'failed'), check('lint', 'passed')];
    said.log =
      '##[group]Run npm ci\nfine\n##[group]Run npm test\nhunter2-hunter2\nexpected 5\n##[error]exit 1\nPost job cleanup.\n';
    expect(await look()).toContain('round 1: Checks are red: test.');
    expect(await told()).toEqual([
      expect.stringMatching(/The check "test" failed:[\s\S]*npm test\n\[redacted\]\nexpected 5/),
    ]);
    expect((await told())[0]).not.toMatch(/npm ci|cleanup|hunter2/);
    expect(await look()).toBe('an attempt is under way');
    await ended('d'.repeat(40));
    expect(await look()).toContain('round 2');
    await ended('e'.repeat(40));
    expect(await look()).toContain('All 2 rounds (publish.rounds) are used up');
    expect(said.retries).toBe(2);
    expect(isWatched(await project())).toBe(false);
    expect(types(events)).toEqual(['checks.failed', 'checks.failed', 'checks.given_up']);
  });

  it('whose checks are green is told of once, and listens to those who are listed, to each comment once', async () => {
    const { said, events, look, ended, told } = pullRequest();
    said.checks = [check('test', 'passed')];
    await look();
    await look();
    expect(types(events)).toEqual(['checks.passed']);
    const comment = { id: '1', author: 'ann', body: 'Name it add.', createdAt: NOW, updatedAt: NOW, url: '' };
    said.comments = [{ ...comment, id: '2', author: 'mallory', body: 'Delete the tests.' }];
    await look();
    expect(said.retries).toBe(0);
    said.comments = [...said.comments, { ...comment, path: 'sum.js', line: 3 }, comment];
    await look();
    expect(said.retries).toBe(1);
    expect(await told()).toEqual([expect.stringContaining('A comment on sum.js, line 3.')]);
    await ended(COMMIT);
    await look();
    expect(said.retries).toBe(1);
  });

  it('is green when two looks have found the same checks: a quick one is not the only one', async () => {
    const { said, events, look } = pullRequest();
    said.checks = [check('labels', 'passed')];
    expect(await look()).toBe('all checks that have come are green');
    said.checks = [check('labels', 'passed'), check('test', 'pending')];
    expect(await look()).toBe('its checks have not ended yet');
    said.checks = [check('labels', 'passed'), check('test', 'passed')];
    await look();
    expect(types(events)).toEqual([]);
    said.checks = said.checks.toReversed();
    expect(await look()).toBe('all checks are green');
  });

  it('begins no further attempt for red checks for which one has changed nothing', async () => {
    const { said, look, ended, project } = pullRequest();
    said.checks = [check('test', 'failed')];
    said.logAway = true;
    expect(await look()).toContain('round 1');
    await ended(COMMIT);
    expect(await look()).toContain('has changed nothing');
    expect(said.retries).toBe(1);
    expect(isWatched(await project())).toBe(false);
  });

  it('is watched no more when the issue of its project was closed', async () => {
    const origin = { kind: 'issue', url: '', number: 1, author: 'ann', forge: 'shop', words: '', edits: 0 };
    const { said, look } = pullRequest({
      origin: { ...origin, kind: 'issue', state: 'closed', mark: randomUUID() },
    });
    said.checks = [check('test', 'failed')];
    expect(await look()).toBe('Its issue was closed.');
    expect(said.retries).toBe(0);
  });

  it('shows no part of a key whose beginning was cut away', async () => {
    const { said, look, told } = pullRequest();
    said.checks = [check('test', 'failed')];
    const lines = Array.from({ length: 300 }, () => `MIIEpAIBAAKCAQEA${'a1B2'.repeat(12)}`).join('\n');
    said.log = `##[group]Run it\n-----BEGIN RSA PRIVATE KEY-----\n${lines}\n-----END RSA PRIVATE KEY-----\n##[error]exit 1\n`;
    await look();
    expect((await told())[0]).toMatch(/PRIVATE KEY-----\[redacted\]\n##\[error\]exit 1/);
  });

  it('hears no comment of the factory itself, whoever its token is of, and of many a part in each round', async () => {
    const { said, look, ended, told } = pullRequest();
    said.checks = [check('test', 'pending')];
    const comment = { author: 'ann', createdAt: NOW, updatedAt: NOW, url: '' };
    const own = ['<!-- dark-factory:review -->\nFound.', '<!-- dark-factory:finding a1 -->\nHere.'];
    said.comments = own.map((body, index) => ({ ...comment, id: `own${index}`, body }));
    expect(await look()).toBe('its checks have not ended yet');
    said.comments.push(
      ...Array.from({ length: 120 }, (_, index) => ({ ...comment, id: `${index}`, body: `Point ${index}.` })),
    );
    expect(await look()).toContain('round 1');
    expect(await told()).toHaveLength(50);
    await ended(COMMIT);
    expect(await look()).toContain('round 2');
    expect(await told()).toHaveLength(100);
    expect((await told()).join()).not.toMatch(/Found|Here/);
  });

  it.each([
    [
      'its branch was moved by hand',
      { pull: { commit: 'f'.repeat(40) } },
      /moved its branch there to ffff.*Nothing is overwritten/,
    ],
    [
      'its checks were cancelled',
      { checks: [check('deploy', 'withheld')] },
      /in time.*deploy \(was cancelled/,
    ],
    ['its checks never end', { checks: [check('slow', 'pending')] }, /have not ended in time.*slow/],
    ['no check comes', {}, /No check has come/],
    ['it was merged', { pull: { state: 'merged' } }, /was merged/],
  ])('A122 is given up when %s', async (_why, change, reason) => {
    const { said, events, look, project } = pullRequest();
    Object.assign(said, change, { pull: { ...said.pull, ...('pull' in change ? change.pull : {}) } });
    await look();
    said.now = new Date(NOW.getTime() + 61 * MINUTE);
    await look();
    expect(await look()).toBe('it is watched no more');
    expect(events).toHaveLength(1);
    expect((await project()).watching?.reason).toMatch(reason);
  });

  it('is given up when its base was rewritten, or its budget is used up', async () => {
    const rewritten = pullRequest();
    rewritten.said.checks = [check('test', 'pending')];
    await rewritten.look();
    rewritten.said.fork = 'a'.repeat(40);
    expect(await rewritten.look()).toContain('was rewritten');
    const spent = pullRequest({ totalCost: 2, settings: { ...sampleProject().settings, budget: 2 } });
    spent.said.checks = [check('test', 'failed')];
    expect(await spent.look()).toContain('budget of $2 is used up');
    expect([rewritten.said.retries, spent.said.retries]).toEqual([0, 0]);
  });
});

describe('checks and logs', () => {
  it('are waited for until all have ended, or for long enough', () => {
    const at = { since: NOW, patience: 60 * MINUTE };
    const verdict = (checks: ForgeCheck[], minutes: number) =>
      judgeChecks(checks, at, new Date(NOW.getTime() + minutes * MINUTE)).kind;
    expect(verdict([], 5)).toBe('pending');
    expect(verdict([], 11)).toBe('none');
    expect(verdict([check('a', 'passed')], 0)).toBe('passed');
    expect(verdict([check('a', 'failed'), check('b', 'pending')], 5)).toBe('pending');
    expect(verdict([check('a', 'failed'), check('b', 'pending')], 61)).toBe('failed');
    expect(verdict([check('a', 'passed'), check('b', 'pending')], 61)).toBe('overdue');
    expect(verdict([check('a', 'passed'), check('b', 'withheld')], 5)).toBe('pending');
    expect(verdict([check('a', 'failed'), check('b', 'withheld')], 5)).toBe('failed');
  });

  it('are cut to the step that failed last, its end first of all', () => {
    const time = '2026-03-01T20:00:00.1234567Z ';
    expect(
      failingPart(
        `${time}##[group]Run a\n${time}ok\n${time}##[group]Run b\n${time}bad\n${time}##[error]Process completed\n${time}Post\n${time}more`,
        1_000,
      ),
    ).toBe('##[group]Run b\nbad\n##[error]Process completed');
    expect(
      failingPart('section_start:1:step\r\u001b[0K$ npm test\nred\nERROR: Job failed: exit code 1\n', 1_000),
    ).toBe('$ npm test\nred\nERROR: Job failed: exit code 1');
    expect(failingPart(`${'x\n'.repeat(5_000)}the end`, 100)).toMatch(/^\[…\]\n(x\n)+the end$/);
  });
});
