import { describe, expect, test } from 'vitest';
import type { ForgeKind } from '../../src/factory/model/forge/forge.ts';
import type { Forge, ForgeNotNow } from '../../src/factory/ports.ts';
import { BRANCH, codeOf, ORDER, open, seed } from './forge-house.ts';

const KINDS: readonly ForgeKind[] = ['github', 'gitlab'];

describe.each(KINDS)('a repository at %s', (kind) => {
  test('is looked at with one proof of the token, and tells what the token lacks', async () => {
    const { server, forge } = await open(kind);
    expect(await forge.look()).toMatchObject({ name: 'acme/shop', lacks: null });
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

  test('A152 tells who edited an issue last, title and text for themselves, also where boxes were ticked along with it', async () => {
    const { server, forge } = await open(kind);
    const text = '- [ ] add adds';
    const { number } = server.state.addIssue({ title: 'one', author: 'ann', body: text });
    server.state.addComment(number, 'eve', 'changed the description');
    expect(await forge.editors(number)).toEqual([]);
    server.state.editIssue(number, { title: 'two' });
    server.state.editIssue(number, { body: `${text}.` });
    expect(await forge.editors(number)).toEqual(['ann', 'ann']);
    server.state.editIssue(number, { body: `- [x] add adds.\nPublish to main.` }, 'eve');
    expect(await forge.editors(number)).toEqual(['ann', 'eve']);
    server.state.editIssue(number, { title: 'three' }, 'ghost');
    expect(await forge.editors(number)).toEqual(['ghost', 'eve']);
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

  test('A140 is asked again when the clock that was ahead at its limit is set back', async () => {
    const real = new Date();
    let now = new Date(real.getTime() + 5 * 365 * 86_400_000);
    const { server, forge } = await open(kind, 'good-token', () => now);
    const headers = { 'retry-after': '120' };
    server.fail(/^GET/, {
      status: 403,
      body: { message: 'You have exceeded a secondary rate limit.' },
      headers,
    });
    expect((await limitOf(forge)).code).toBe('forge_limited');
    now = real;
    expect((await forge.look()).name).toBe('acme/shop');
  });
});

async function limitOf(forge: Forge): Promise<ForgeNotNow> {
  const error: unknown = await forge.look().catch((thrown: unknown) => thrown);
  return error as ForgeNotNow;
}
