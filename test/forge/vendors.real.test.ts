import { describe, expect, test } from 'vitest';
import { BRANCH, codeOf, ORDER, open, seed } from './forge-house.ts';

describe('pipelines at gitlab', () => {
  async function gitlab() {
    const { server, forge } = await open('gitlab');
    const commit = seed(server, BRANCH);
    const { number } = await forge.addPull(ORDER);
    const job = { id: 900, commit, name: 'test', kind: 'run', log: 'It broke.', summary: '' } as const;
    const told = async () =>
      (await forge.checks({ number, commit })).map(
        ({ name, state, summary }) => `${name} ${state} ${summary ?? ''}`,
      );
    return { server, forge, commit, number, job, told };
  }

  test('A131 that fail without a job are red all the same: a faulty configuration, and what one has started', async () => {
    const { server, forge, commit, number, job, told } = await gitlab();
    const errors = 'jobs:test config should implement a script';
    const first = server.state.addPipeline({ sha: commit, status: 'failed', yamlErrors: errors });
    expect(await told()).toEqual([`pipeline (push) failed ${errors}`]);
    first.status = 'created';
    expect(await told()).toEqual([expect.stringMatching(/^pipeline \(push\) pending/)]);
    const child = { sha: commit, source: 'parent_pipeline', status: 'failed' };
    const { id: started } = server.state.addPipeline({ ...child, jobs: [{ ...job, state: 'failure' }] });
    Object.assign(first, { status: 'failed', bridges: [{ name: 'below', status: 'failed', started }] });
    expect(await told()).toEqual(['below: test failed script failure']);
    const [red] = await forge.checks({ number, commit });
    expect(red && (await forge.checkLog(red, 100))).toBe('It broke.');
  });

  test('A131 of what would come of the merge count, where they are of this commit', async () => {
    const { server, commit, number, job, told } = await gitlab();
    server.state.addPipeline({
      sha: commit,
      status: 'success',
      jobs: [{ ...job, id: 901, state: 'success' }],
    });
    const merged = server.state.addPipeline({
      ...{ sha: 'e'.repeat(40), ref: `refs/merge-requests/${number}/merge`, source: 'merge_request_event' },
      ...{ status: 'failed', headOf: number, parents: [server.state.head('main') ?? '', commit] },
      jobs: [{ ...job, name: 'merged', state: 'failure' }],
    });
    expect(await told()).toEqual(['test passed ', 'merged failed script failure']);
    merged.parents = [server.state.head('main') ?? '', 'f'.repeat(40)];
    expect(await told()).toEqual(['test passed ']);
  });

  test('A131 count as the newest ones of their kind do, and a status from outside is not hidden by a job of the same name', async () => {
    const { server, commit, job, told } = await gitlab();
    server.state.addPipeline({ sha: commit, status: 'failed', jobs: [{ ...job, state: 'failure' }] });
    server.state.addPipeline({
      sha: commit,
      status: 'success',
      jobs: [{ ...job, id: 901, state: 'success' }],
    });
    expect(await told()).toEqual(['test passed ']);
    const { id } = server.state.addPipeline({ sha: commit, source: 'external', status: 'failed' });
    server.state.addCheck({
      commit,
      name: 'test',
      kind: 'status',
      state: 'failure',
      summary: 'outside',
      pipeline: id,
    });
    expect(await told()).toEqual(['test passed ', 'test failed outside']);
  });
});

test('gitlab tells of who may push by an invited group only among the members, and of drafts in three ways', async () => {
  const { server, forge } = await open('gitlab');
  const token = { user: 'bot', scopes: ['api'], mayWrite: true, invited: true };
  server.state.tokens.set('good-token', token);
  expect((await forge.look()).lacks).toBeNull();
  server.state.tokens.set('good-token', { ...token, mayWrite: false });
  expect((await forge.look()).lacks).toContain('nobody who may push');
  server.state.tokens.set('good-token', token);
  seed(server, BRANCH);
  const made = await forge.addPull({ ...ORDER, draft: true });
  for (const title of ['[Draft] WIP: one', '(Draft) WIP: one', 'draft: WIP: one']) {
    Object.assign(server.state.pulls[0] ?? {}, { title });
    const pull = await forge.pull(made.number);
    expect(pull).toMatchObject({ draft: true, title: 'WIP: one' });
    expect(await forge.editPull(pull, { title: pull.title, body: 'b', draft: false })).toMatchObject({
      draft: false,
    });
    expect(server.state.pulls[0]?.title).toBe('WIP: one');
  }
});

test('github knows labels in any case, says where a plan has no drafts, and tells more statuses of a commit than fit on a page', async () => {
  const { server, forge } = await open('github');
  const commit = seed(server, BRANCH);
  server.state.addIssue({ title: 'one', author: 'ann', labels: ['Factory'] });
  expect(await forge.labelledBy(1, 'factory')).toBe('ann');
  server.fail(/^GET .*issues$/, {
    status: 410,
    body: { message: 'Issues has been disabled in this repository.' },
  });
  expect(await codeOf(forge.issues('df'))).toBe('forge_gone');
  server.state.takesDrafts = false;
  expect(await codeOf(forge.addPull({ ...ORDER, draft: true }))).toBe('draft_unsupported');
  const { number } = await forge.addPull(ORDER);
  for (let at = 1; at <= 101; at++)
    server.state.addCheck({
      commit,
      name: `check ${at}`,
      kind: 'status',
      state: at > 100 ? 'failure' : 'success',
    });
  expect((await forge.checks({ number, commit })).filter(({ state }) => state === 'failed')).toHaveLength(1);
});

test('A152 what was done to an issue is not forgotten for what was written below it since, and no app passes for a person', async () => {
  const gitlab = await open('gitlab');
  const { number } = gitlab.server.state.addIssue({ title: 'one', author: 'ann' });
  gitlab.server.state.editIssue(number, { body: 'other' }, 'eve');
  for (let at = 0; at < 2_000; at++) gitlab.server.state.addComment(number, 'eve', 'words');
  expect(await gitlab.forge.editors(number)).toEqual(['ghost', 'ghost']);
  const github = await open('github');
  github.server.state.addIssue({ title: 'one', author: 'ann' });
  github.server.state.editIssue(1, { body: 'other' }, 'ann[bot]');
  expect(await github.forge.editors(1)).toEqual(['ann[bot]']);
});

test('a forge that leads to another origin gets no token there', async () => {
  const { server, forge } = await open('github');
  server.fail(/^GET/, { status: 301, headers: { location: 'https://example.org/repos/acme/shop' } });
  expect(await codeOf(forge.look())).toBe('forge_redirected');
});
