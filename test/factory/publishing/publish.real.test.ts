import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ForgeConfig } from '../../../src/factory/model/forge/forge.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { publishJob } from '../../../src/factory/publishing/publish-job.ts';
import { needOf } from '../../../src/factory/report/next-step.ts';
import { until } from '../../support/until.ts';
import { gate, publishHouse, refusalOf } from './publish-house.ts';

const house = publishHouse({ protected: ['df/guarded/2026-01-01'] });
const publish = (project: Pick<Project, 'id'>, order = {}) =>
  house.services.publishing.publish(project.id, order);
const pullsOf = ({ workBranch }: Project) =>
  house.server.state.pulls.filter(({ branch }) => branch === workBranch);
const JOB = { absences: async () => [], now: () => new Date(), by: 'settings' };
const CLOSED_ISSUE = {
  ...{ kind: 'issue' as const, url: '', number: 1, author: 'ann', forge: 'shop', words: '', edits: 0 },
  ...{ state: 'closed' as const, mark: randomUUID() },
};
const wish = () => ({ draft: false, watch: true, since: new Date() });

describe('what was not proved', () => {
  test('A110 is not published: the gate never passed on this commit', async () => {
    const project = await house.ended('red');
    await house.services.state
      .gates(project.id)
      .save(gate(project.id, project.lastAudit?.commit ?? '', false));
    expect((await refusalOf(publish(project))).code).toBe('gate_not_passed');
    const failed = await house.ended('failed', { status: 'failed' });
    expect((await refusalOf(publish(failed))).code).toBe('not_proved');
    expect(house.server.state.head(project.workBranch)).toBeNull();
  });

  test('A110 is not published: the branch was moved by hand after the proof', async () => {
    const project = await house.ended('moved');
    await house.commit(project, { 'sneaked.txt': 'in\n' });
    expect((await refusalOf(publish(project))).code).toBe('branch_moved');
    expect(house.server.state.head(project.workBranch)).toBeNull();
    const answer = await publish(project, { unproved: true });
    expect(answer).toMatchObject({ draft: true, proved: false });
    expect(pullsOf(project)).toMatchObject([
      { draft: true, body: expect.stringMatching(/\*\*Not proved\.\*\*/) },
    ]);
  });

  test('A110 is not published: its commits hold keys, also proved ones and those that were taken out again', async () => {
    const project = await house.ended(
      'keys',
      {},
      { 'keys.env': `KEY=sk-ant-api03-${'a1B2c3D4e5'.repeat(8)}\n` },
    );
    await house.prove(project, await house.commit(project, { 'keys.env': 'KEY=\n' }));
    for (const unproved of [false, true]) {
      const error = await refusalOf(publish(project, { unproved }));
      expect(error.code).toBe('secrets_found');
      expect(error.message).toMatch(/keys\.env:1/);
      expect(error.message).not.toMatch(/a1B2c3/);
    }
    expect(house.server.state.head(project.workBranch)).toBeNull();
  });

  test('A110 is not published unseen: commits of the base that were never pushed, what CI would run, and keys at no price', async () => {
    const { git, write } = house.repository;
    const commitToBase = async (content: string) => {
      await write('private.env', content);
      await git('add', '--all');
      await git('commit', '--quiet', '--message=Private');
    };
    await commitToBase(`KEY=sk-ant-api03-${'a1B2c3D4e5'.repeat(8)}\n`);
    expect((await refusalOf(publish(await house.ended('on-a-key')))).code).toBe('secrets_found');
    await git('reset', '--quiet', '--hard', 'HEAD~1');
    await commitToBase('KEY=\n');
    const project = await house.ended('ahead', {
      name: `ahead ghp_${'a1B2c3D4e5'.repeat(4)}`,
      toPublish: wish(),
    });
    await house.services.publishing.publishWished(project.id);
    const given = await house.services.state.project(project.id).get();
    expect(given.unpublished?.reason).toMatch(/1 commit of main that .* is not at the remote.*df publish/);
    expect(house.server.state.head(project.workBranch)).toBeNull();
    expect(await publish(project)).toMatchObject({ ofBase: 1, pushed: true });
    expect(pullsOf(project)).toMatchObject([{ title: 'ahead [redacted]' }]);
    // What is there once is asked about no more.
    expect(await house.services.publishing.publish(project.id, { unattended: true })).toMatchObject({
      ofBase: 0,
    });
    await git('reset', '--quiet', '--hard', 'HEAD~1');
    const workflow = {
      '.github/actions/build/index.js': 'steal()\n',
      '.github/workflows/steal\nit.yml': 'on: push\n',
      '.gitlab/ci/steal.yml': 'script: steal\n',
    };
    const ci = await house.ended('ci', {}, workflow);
    expect((await refusalOf(publish(ci, { unattended: true }))).code).toBe('ci_changed');
    expect(house.server.state.head(ci.workBranch)).toBeNull();
    expect(await publish(ci)).toMatchObject({ ciFiles: Object.keys(workflow) });
  });

  test('A110 is not published: the project is at work', async () => {
    const project = await house.ended('running', { status: 'active', settled: false });
    for (const unproved of [false, true])
      expect((await refusalOf(publish(project, { unproved }))).code).toBe('not_ended');
    expect(house.server.state.head(project.workBranch)).toBeNull();
  });
});

describe('a proved branch', () => {
  test('A111 becomes one pull request, though the reply to its creation is lost, and is brought up to date by the next call', async () => {
    const description = 'Add a login for @everyone, closes #1.\n<script>alert(1)</script>';
    const project = await house.ended('login', { description });
    house.server.fail(/^POST .*\/pulls$/, 'lose reply');
    const first = await publish(project, { draft: true, watch: true });
    expect(first).toMatchObject({ created: true, pushed: true, draft: true, proved: true, watch: true });
    const commit = project.lastAudit?.commit;
    expect(house.server.state.head(project.workBranch)).toBe(commit);
    expect((await house.services.state.project(project.id).get()).publication).toMatchObject({
      ...{ url: first.url, number: first.number, branch: project.workBranch, commit, watch: true },
    });
    const [pull] = pullsOf(project);
    expect(pull).toMatchObject({ title: 'login', base: 'main', draft: true });
    const body = pull?.body ?? '';
    expect(body).toMatch(/\| finish 1 \| engineer \| test \| passed \| `node --test` \| 0 \|/);
    expect(body).toMatch(/Cost: \$0\.0000/);
    expect(body).not.toMatch(/@everyone|#1|<script>/);
    expect(body).not.toContain(house.repository.dir);
    Object.assign(pull ?? {}, { title: 'A better title', body: `Please look at the form.\n\n${body}` });
    const next = await house.commit(project, { 'more.txt': 'more\n' });
    await house.prove(project, next);
    const second = await publish(project);
    expect(second).toMatchObject({
      created: false,
      pushed: true,
      draft: false,
      number: first.number,
      watch: true,
    });
    expect(house.server.state.head(project.workBranch)).toBe(next);
    expect(pullsOf(project)).toMatchObject([{ title: 'A better title', draft: false }]);
    expect(pullsOf(project)[0]?.body).toMatch(/^Please look at the form\..*commit `[0-9a-f]{40}`/s);
    expect(pullsOf(project)[0]?.body).toContain(next);
    expect(await publish(project)).toMatchObject({ created: false, pushed: false, number: first.number });
    const events = await house.services.state.events(project.id).readAll();
    expect(events.filter(({ type }) => type === 'project.published')).toHaveLength(3);
  });

  test('A112 is refused in words where it is protected, where it has other commits, and where the base is gone', async () => {
    expect((await refusalOf(publish(await house.ended('guarded')))).code).toBe('push_protected');
    const project = await house.ended('foreign');
    const { git, dir } = house.repository;
    const foreign = await git('commit-tree', 'main^{tree}', '-p', 'main', '-m', 'by somebody else');
    await git(
      'push',
      '--quiet',
      house.server.remote().replace('://', '://x:good-token@'),
      `${foreign}:refs/heads/${project.workBranch}`,
    );
    expect((await refusalOf(publish(project))).code).toBe('push_diverged');
    expect(house.server.state.head(project.workBranch)).toBe(foreign);
    expect((await refusalOf(publish(project, { remote: 'nowhere' }))).code).toBe('remote_missing');
    await git('remote', 'add', 'elsewhere', `file://${dir}`);
    expect((await refusalOf(publish(project, { remote: 'elsewhere' }))).code).toBe('forge_missing');
    const stacked = await house.ended('stacked', { baseBranch: 'df/unpublished/2026-01-01' });
    expect((await refusalOf(publish(stacked))).code).toBe('base_unpublished');
  });

  test('A113 goes to its repository when that was renamed, and the new name is kept and told', async () => {
    const project = await house.ended('renamed');
    house.server.state.rename('acme/store');
    expect(await publish(project)).toMatchObject({
      created: true,
      url: expect.stringMatching(/acme\/store\/pull/),
    });
    const { forges } = await house.services.state.forges().get();
    expect(forges).toMatchObject([{ repository: 'acme/store', formerly: ['acme/shop'] }]);
    // The remote has the old name still.
    expect(await publish(project)).toMatchObject({ created: false });
  });

  test('A111 becomes one merge request at GitLab, though the reply is lost, and a draft by its title', async () => {
    const { server, services } = house;
    const forges = services.state.forges();
    const before = await forges.get();
    const lab = { ...before.forges[0], kind: 'gitlab' as const, url: server.gitlab } as ForgeConfig;
    await forges.update((file) => ({ ...file, forges: [lab] }));
    const project = await house.ended('at-gitlab');
    server.fail(/^POST .*\/merge_requests$/, 'lose reply');
    const made = await publish(project, { draft: true });
    expect(made).toMatchObject({
      created: true,
      draft: true,
      url: expect.stringMatching(/\/-\/merge_requests\/\d+$/),
    });
    expect(pullsOf(project)).toMatchObject([{ title: 'Draft: at-gitlab' }]);
    expect(await publish(project)).toMatchObject({ created: false, draft: false, number: made.number });
    expect(pullsOf(project)).toMatchObject([{ title: 'at-gitlab' }]);
    await forges.update((file) => ({ ...file, forges: before.forges }));
  });

  test('A114 is published as the settings say: later while the forge says so, and given up in words when the token is revoked', async () => {
    const { services, server } = house;
    const project = await house.ended('wished', { toPublish: wish() });
    server.fail(/^GET/, { status: 429, body: { message: 'slow down' }, headers: { 'retry-after': '2' } });
    expect(await services.publishing.publishWished(project.id)).toMatchObject({ outcome: 'parked' });
    server.state.tokens.set('good-token', { user: 'bot', scopes: ['read:org'], mayWrite: true });
    const after = await until(async () => {
      const found = await services.publishing.publishWished(project.id);
      return found.outcome === 'parked' ? null : found;
    });
    expect(after).toMatchObject({ outcome: 'done', workFailed: true });
    const given = await services.state.project(project.id).get();
    expect(given.toPublish).toBeUndefined();
    expect(needOf(given, 1)).toMatchObject({
      why: expect.stringMatching(/lacks repo/),
      do: `df publish ${project.id.slice(0, 8)}`,
    });
    server.state.tokens.set('good-token', { user: 'bot', scopes: ['repo'], mayWrite: true });
    expect(await publish(project)).toMatchObject({ created: true });
    expect(needOf(await services.state.project(project.id).get(), 1)).toBeNull();
    expect(await services.publishing.publishWished(project.id)).toMatchObject({ outcome: 'skipped' });
    const taken = await house.ended('taken-back', { toPublish: wish() });
    const off = { ...services.config, publish: { ...services.config.publish, auto: 'off' as const } };
    expect(await publishJob({ ...services, ...JOB, config: off }, taken.id)).toMatchObject({
      outcome: 'skipped',
    });
    expect((await services.state.project(taken.id).get()).toPublish).toBeUndefined();
    expect(server.state.head(taken.workBranch)).toBeNull();
    const closed = await house.ended('closed-issue', { toPublish: wish(), origin: CLOSED_ISSUE });
    expect(await services.publishing.publishWished(closed.id)).toMatchObject({ outcome: 'skipped' });
    expect(server.state.head(closed.workBranch)).toBeNull();
  });
});

test('A114 a remote that is away is waited for all night, and its owner told in the morning', async () => {
  const { services, repository, server } = house;
  await repository.git('remote', 'set-url', 'origin', 'http://127.0.0.1:9/away.git');
  onTestFinished(async () => void (await repository.git('remote', 'set-url', 'origin', server.remote())));
  const evening = new Date(Date.now() - 13 * 60 * 60_000);
  for (const [since, outcome] of [
    [new Date(), 'parked'],
    [evening, 'done'],
  ] as const) {
    const { id } = await house.ended(`away-${outcome}`, { toPublish: { ...wish(), since } });
    expect(await services.publishing.publishWished(id)).toMatchObject({ outcome });
    const left = await services.state.project(id).get();
    expect(left.toPublish === undefined).toBe(outcome === 'done');
    expect(left.unpublished?.reason).toEqual(
      outcome === 'done' ? expect.stringContaining('away.git') : undefined,
    );
  }
});
