import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { ForgeConfig, ForgeKind } from '../../src/factory/model/forge/forge.ts';
import type { Forge, ForgeNotNow } from '../../src/factory/ports.ts';
import { openForges } from '../../src/forge/open.ts';
import { DarkFactoryError } from '../../src/lib/failure.ts';
import { type ForgeServer, startForgeServer } from '../support/forge-server/index.ts';

const KINDS: readonly ForgeKind[] = ['github', 'gitlab'];

async function open(kind: ForgeKind, token = 'good-token', now = () => new Date()) {
  const server = await startForgeServer();
  const config: ForgeConfig = {
    ...{
      id: 'shop',
      kind,
      repository: 'acme/shop',
      formerly: [],
      token: 'env:T',
      url: server[kind],
      addedAt: new Date(),
    },
  };
  const forge = await openForges({ vault: { open: async () => token }, now })(config);
  return { server, forge, config };
}

const codeOf = async (asked: Promise<unknown>): Promise<string> => {
  const error = await asked.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof DarkFactoryError ? error.code : String(error);
};

const LINES = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);

/** A commit on main with twenty lines in `old.ts`, and one on a branch in which the file has another name and two lines more. */
function seed(server: ForgeServer, branch: string): string {
  const git = (input: string, ...args: string[]) =>
    execFileSync('git', ['--git-dir', server.bareFolder, ...args], {
      encoding: 'utf8',
      input,
      env: {
        ...process.env,
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@b',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@b',
      },
    }).trim();
  const tree = (name: string, lines: readonly string[]) => {
    const blob = git(`${lines.join('\n')}\n`, 'hash-object', '-w', '--stdin');
    return git(`100644 blob ${blob}\t${name}\n`, 'mktree');
  };
  const base = git('', 'commit-tree', tree('old.ts', LINES), '-m', 'base');
  const after = ['first', ...LINES.slice(0, 9), 'new', ...LINES.slice(9)];
  const head = git('', 'commit-tree', tree('a.ts', after), '-p', base, '-m', 'work');
  git('', 'update-ref', 'refs/heads/main', base);
  git('', 'update-ref', `refs/heads/${branch}`, head);
  return head;
}

const BRANCH = 'df/x/2026-01-01';
const ORDER = { branch: BRANCH, base: 'main', title: 't', body: 'b', draft: false };

describe.each(KINDS)('a repository at %s', (kind) => {
  test('is looked at with one proof of the token, and tells what the token lacks', async () => {
    const { server, forge } = await open(kind);
    expect(await forge.look()).toMatchObject({ name: 'acme/shop', defaultBranch: 'main', lacks: null });
    server.state.tokens.set('good-token', { user: 'bot', scopes: ['read_api', 'read:org'], mayWrite: true });
    expect((await forge.look()).lacks).toMatch(/lacks (repo|api)/);
    server.state.tokens.set('good-token', { user: 'bot', scopes: ['repo', 'api'], mayWrite: false });
    expect((await forge.look()).lacks).toMatch(/not write to it|nobody who may push/);
    expect(await codeOf(forge.addComment({ kind: 'issue', number: 1 }, 'x'))).toBe('forge_forbidden');
    server.state.tokens.clear();
    expect(await codeOf(forge.look())).toBe('forge_token_refused');
  });

  test('hands out its issues over all pages, who labelled them, and nothing again that has not changed', async () => {
    const { server, forge } = await open(kind);
    for (let number = 1; number <= 120; number++)
      server.state.addIssue({ title: `Issue ${number}`, author: 'ann', labels: ['df'], body: '' });
    server.state.addIssue({ title: 'no label', author: 'ann' });
    expect(await forge.issues('df')).toHaveLength(120);
    const left = server.state.left;
    expect(await forge.issues('df')).toHaveLength(120);
    // GitHub counts no answer that says nothing new; GitLab does.
    if (kind === 'github') expect(server.state.left).toBe(left);
    expect(server.requests.at(-1)).toMatchObject({ conditional: true, status: 304 });
    server.state.label(1, 'df', 'ann', 'remove');
    expect(await forge.labelledBy(1, 'df')).toBeNull();
    server.state.label(1, 'df', 'mallory');
    expect(await forge.labelledBy(1, 'df')).toBe('mallory');
    server.state.editIssue(1, { body: 'a'.repeat(60_000), state: 'closed' });
    const issue = await forge.issue(1);
    expect(issue).toMatchObject({ author: 'ann', state: 'closed', labels: ['df'] });
    expect(issue.body).toHaveLength(60_000);
    expect(await forge.issues('df', new Date(Date.now() + 60_000))).toEqual([]);
    expect(await codeOf(forge.issue(9_999))).toBe('forge_not_found');
  });

  test('takes comments, and edits them', async () => {
    const { server, forge } = await open(kind);
    const { number } = server.state.addIssue({ title: 'one', author: 'ann' });
    const comment = await forge.addComment({ kind: 'issue', number }, 'It is worked on.');
    await forge.editComment({ kind: 'issue', number }, comment.id, 'It is done.');
    expect(await forge.comments({ kind: 'issue', number })).toMatchObject([
      { body: 'It is done.', author: 'factory-bot' },
    ]);
  });

  test('A111 takes a pull request once, finds it by its branch, and makes it a draft and ready again', async () => {
    const { server, forge } = await open(kind);
    const commit = seed(server, 'df/shop/2026-01-01');
    const order = {
      branch: 'df/shop/2026-01-01',
      base: 'main',
      title: 'Add a login',
      body: 'Proved.',
      draft: true,
    };
    server.fail(/^POST .*(pulls|merge_requests)$/, 'lose reply');
    expect(await codeOf(forge.addPull(order))).toBe('forge_away');
    const [pull, ...others] = await forge.pullsOf(order.branch);
    expect(others).toEqual([]);
    expect(pull).toMatchObject({ state: 'open', draft: true, commit, title: 'Add a login', base: 'main' });
    expect(await codeOf(forge.addPull(order))).toBe('forge_refused');
    if (pull === undefined) throw new Error('no pull request');
    const ready = await forge.editPull(pull, { title: 'Add a login form', body: 'More.', draft: false });
    expect(ready).toMatchObject({ draft: false, title: 'Add a login form', body: 'More.' });
    expect((await forge.pull(ready.number)).draft).toBe(false);
    expect(server.state.pulls).toHaveLength(1);
    expect(await forge.pullsOf('df/other/2026-01-01')).toEqual([]);
  });

  test('tells checks of both kinds, and the end of a log without giving the token away', async () => {
    const { server, forge } = await open(kind);
    const commit = seed(server, 'df/x/2026-01-01');
    server.state.addCheck({
      commit,
      name: 'test',
      state: 'failure',
      log: `${'x'.repeat(5_000)}\nAssertionError: 1 != 2`,
    });
    server.state.addCheck({ commit, name: 'slow', log: 'so far' });
    server.state.addCheck({ commit, name: 'coverage', state: 'success', kind: 'status', summary: '91 %' });
    const { number } = await forge.addPull(ORDER);
    const checks = await forge.checks({ number, commit });
    expect(checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'test failed',
      'slow pending',
      'coverage passed',
    ]);
    const [red] = checks;
    if (red === undefined) throw new Error('no check');
    const log = await forge.checkLog(red, 1_000);
    expect(log).toHaveLength(1_000);
    expect(log).toMatch(/AssertionError: 1 != 2$/);
    expect(await forge.fork('main', commit)).toBe(server.state.head('main'));
    expect(await forge.fork('main', 'f'.repeat(40))).toBeNull();
  });

  test('takes a review with comments on lines that are shown, also on those that were not changed, and edits all of them', async () => {
    const { server, forge } = await open(kind);
    const commit = seed(server, BRANCH);
    const { number } = await forge.addPull(ORDER);
    const comments = [
      { path: 'a.ts', line: 11, body: 'Added.' },
      { path: 'a.ts', line: 12, body: 'As it was.' },
    ];
    const beyond = { path: 'a.ts', line: 22, body: 'Not shown.' };
    const id = await forge.addReview(number, {
      commit,
      body: 'Two faults.',
      comments: [...comments, beyond],
    });
    // One line that is not shown must not cost the others.
    for (const each of comments) await forge.addReviewComment(number, commit, each);
    for (const wrong of [beyond, { ...beyond, path: 'gone.ts' }])
      expect(await codeOf(forge.addReviewComment(number, commit, wrong))).toBe('forge_refused');
    await forge.editReview(number, id, 'No fault.');
    const lines = (await forge.reviewComments(number)).filter((each) => each.path !== undefined);
    expect(lines).toMatchObject(comments);
    await forge.editReviewComment(number, lines[0]?.id ?? '', 'Mended.');
    const bodies = [
      ...(await forge.reviewComments(number)),
      ...(await forge.comments({ kind: 'pull', number })),
    ];
    expect(new Set(bodies.map(({ body }) => body))).toEqual(new Set(['Mended.', 'As it was.', 'No fault.']));
  });

  test('A130 knows its own branch from that of a fork with the same name', async () => {
    const { server, forge } = await open(kind);
    seed(server, BRANCH);
    const theirs = { number: 1, ...ORDER, state: 'open', author: 'mallory', fork: 99 } as const;
    server.state.pulls.push({ ...theirs });
    expect(await forge.pullsOf(BRANCH)).toEqual([]);
    server.state.pulls.push({ ...theirs, number: 2, fork: server.state.id });
    expect(await forge.pullsOf(BRANCH)).toMatchObject([{ number: 2 }]);
    // It can be reviewed all the same.
    expect((await forge.pull(1)).number).toBe(1);
  });

  test('tells a base branch that is gone from one that is there', async () => {
    const { server, forge } = await open(kind);
    const commit = seed(server, BRANCH);
    expect(await forge.fork('main', commit)).toBe(server.state.head('main'));
    expect(await forge.fork('gone', commit)).toBeNull();
  });

  test('A113 is followed when it was renamed, for reads and for writes', async () => {
    const { server, forge } = await open(kind);
    const { number } = server.state.addIssue({ title: 'one', author: 'ann', labels: ['df'] });
    server.state.rename('acme/store');
    expect((await forge.look()).name).toBe('acme/store');
    expect(await forge.issues('df')).toHaveLength(1);
    await forge.addComment({ kind: 'issue', number }, 'after the move');
    expect(server.state.comments).toHaveLength(1);
  });

  test('A114 is asked again after an outage, and not before its limit ends', async () => {
    let now = new Date();
    const { server, forge } = await open(kind, 'good-token', () => now);
    server.fail(/^GET/, 'cut');
    server.fail(/^GET/, { status: 502 });
    expect((await forge.look()).name).toBe('acme/shop');
    // Whoever answers for it while it is being repaired.
    server.fail(/^GET/, { status: 200, body: '<html>We are back soon</html>' });
    expect(await codeOf(forge.look())).toBe('forge_away');
    server.fail(/^GET/, { status: 410 });
    expect(await codeOf(forge.issue(1))).toBe('forge_gone');
    server.fail(/^GET/, {
      status: 403,
      body: { message: 'You have exceeded a secondary rate limit.' },
      headers: { 'retry-after': '120' },
    });
    const asked = await limitOf(forge);
    expect(asked.until.getTime() - now.getTime()).toBe(120_000);
    const before = server.requests.length;
    expect((await limitOf(forge)).code).toBe('forge_limited');
    expect(server.requests).toHaveLength(before);
    now = new Date(now.getTime() + 121_000);
    expect((await forge.look()).name).toBe('acme/shop');
    server.state.left = 0;
    expect((await limitOf(forge)).until.getTime() - Date.now()).toBeGreaterThan(3_000_000);
  });
});

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

async function limitOf(forge: Forge): Promise<ForgeNotNow> {
  const error: unknown = await forge.look().catch((thrown: unknown) => thrown);
  return error as ForgeNotNow;
}

test('a forge that leads to another origin gets no token there', async () => {
  const { server, forge } = await open('github');
  server.fail(/^GET/, { status: 301, headers: { location: 'https://example.org/repos/acme/shop' } });
  expect(await codeOf(forge.look())).toBe('forge_redirected');
});
