import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isWatched } from '../../../src/factory/model/forge/publication.ts';
import { NOW, sampleProject } from '../../support/samples.ts';
import { COMMIT, check, MINUTE, pullRequest, types } from './watch-house.ts';

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

  it.each(['settings', undefined] as const)(
    'A149 begins nothing once the settings ask for it no more, where no word of its owner does (asked for by %s)',
    async (watchBy) => {
      const { publication } = await pullRequest().project();
      const asked = publication === undefined ? {} : { publication: { ...publication, watchBy } };
      const { said, events, look, ended, project } = pullRequest(asked);
      said.settings = { auto: 'draft', watch: true };
      said.checks = [check('test', 'failed')];
      expect(await look()).toContain('round 1');
      await ended('d'.repeat(40));
      said.settings = { auto: 'off', watch: false };
      expect(await look()).toContain('ask for it no more');
      expect(said.retries).toBe(1);
      expect(types(events)).toEqual(['checks.failed', 'checks.ended']);
      expect(isWatched(await project())).toBe(false);
    },
  );

  it('is watched no more when what was done for its checks could not be published', async () => {
    const { said, look } = pullRequest({ unpublished: { reason: 'It was closed.', at: NOW } });
    said.checks = [check('test', 'failed')];
    expect(await look()).toContain('could not be published');
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

  it('A140 is looked at to its end although it was published while the clock was ahead', async () => {
    const moved = pullRequest();
    const still = pullRequest();
    for (const { look } of [moved, still]) await look();
    moved.said.pull = { ...moved.said.pull, commit: 'f'.repeat(40) };
    for (const { said } of [moved, still]) said.now = new Date(NOW.getTime() - 300 * MINUTE);
    await moved.look();
    expect((await moved.project()).watching?.reason).toContain('moved its branch');
    await still.look();
    still.said.now = new Date(still.said.now.getTime() + 61 * MINUTE);
    await still.look();
    expect((await still.project()).watching?.reason).toContain('No check has come');
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
