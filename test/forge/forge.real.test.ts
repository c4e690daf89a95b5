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

/** A commit on main, and one more on a branch. */
function seed(server: ForgeServer, branch: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', ['--git-dir', server.bareFolder, ...args], {
      encoding: 'utf8',
      input: '',
      env: {
        ...process.env,
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@b',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@b',
      },
    }).trim();
  const tree = git('hash-object', '-t', 'tree', '-w', '--stdin');
  const base = git('commit-tree', tree, '-m', 'base');
  const head = git('commit-tree', tree, '-p', base, '-m', 'work');
  git('update-ref', 'refs/heads/main', base);
  git('update-ref', `refs/heads/${branch}`, head);
  return head;
}

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
    expect(server.state.left).toBe(left);
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
    const checks = await forge.checks(commit);
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

  test('takes one review with comments on lines, and edits both', async () => {
    const { server, forge } = await open(kind);
    const commit = seed(server, 'df/x/2026-01-01');
    const { number } = await forge.addPull({
      branch: 'df/x/2026-01-01',
      base: 'main',
      title: 't',
      body: 'b',
      draft: false,
    });
    const id = await forge.addReview(number, {
      commit,
      body: 'One fault.',
      comments: [{ path: 'a.ts', line: 3, body: 'Here.' }],
    });
    await forge.editReview(number, id, 'No fault.');
    const [line] = (await forge.reviewComments(number)).filter((each) => each.path !== undefined);
    expect(line).toMatchObject({ path: 'a.ts', line: 3, body: 'Here.' });
    await forge.editReviewComment(number, line?.id ?? '', 'Mended.');
    const bodies = (await forge.reviewComments(number)).map(({ body }) => body);
    expect(bodies.toSorted()).toEqual(['Mended.', 'No fault.']);
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

async function limitOf(forge: Forge): Promise<ForgeNotNow> {
  const error: unknown = await forge.look().catch((thrown: unknown) => thrown);
  return error as ForgeNotNow;
}

test('a forge that leads to another origin gets no token there', async () => {
  const { server, forge } = await open('github');
  server.fail(/^GET/, { status: 301, headers: { location: 'https://example.org/repos/acme/shop' } });
  expect(await codeOf(forge.look())).toBe('forge_redirected');
});
