import { expect, it } from 'vitest';
import type { ReviewFinding, ReviewReport } from '../../../src/factory/model/review.ts';
import type { ForgeReviewComment } from '../../../src/factory/ports.ts';
import { postReview } from '../../../src/factory/publishing/post-review.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';

/** What stands at a pull request. @param shown lines of a.js; @param atOnce comments are taken with the review */
function pullRequest({ shown = 99, atOnce = true } = {}) {
  const there: ForgeReviewComment[] = [];
  const add = (body: string, at: { path?: string; line?: number }) => {
    const now = new Date(0);
    there.push({
      id: `${there.length}`,
      author: 'bot',
      body,
      createdAt: now,
      updatedAt: now,
      url: '',
      ...at,
    });
  };
  const edit = async (_pull: number, id: string, body: string) => {
    const found = there.find((each) => each.id === id);
    if (found?.author !== 'bot')
      throw new DarkFactoryError('environment', 'forge_forbidden', 'Not yours', '');
    found.body = body;
  };
  const forge: Parameters<typeof postReview>[0] = {
    reviewComments: async () => there.map((each) => ({ ...each })),
    async addReview(_pull, { body, comments }) {
      add(body, {});
      const id = `${there.length - 1}`;
      if (atOnce && comments.every(({ line }) => line <= shown))
        for (const { path, line, body: words } of comments) add(words, { path, line });
      return id;
    },
    async addReviewComment(_pull, _commit, { path, line, body }) {
      if (line > shown) throw new DarkFactoryError('failed', 'forge_refused', 'No such line', '');
      add(body, { path, line });
    },
    editReview: edit,
    editReviewComment: edit,
  };
  return { there, forge, add };
}

const finding = (claim: string, more: Partial<ReviewFinding> = {}): ReviewFinding => ({
  ...{ id: 'security-1', finder: 'security', by: 'main', round: 1, verdict: 'confirmed', confirmed: true },
  ...{ why: 'Seen.', file: 'a.js', line: 3, severity: 'critical', claim, harm: 'Harm.', runs: [] },
  repro: { command: 'node x.mjs', exitCode: 43 },
  ...more,
});

const report = (...findings: ReviewFinding[]): ReviewReport => ({
  ...{ base: 'a'.repeat(40), head: 'b'.repeat(40), at: new Date(0), rounds: 1 },
  finders: [{ name: 'security', state: 'answered', by: 'main' }],
  findings,
});

it('posts one review, and edits it from then on: what is no longer found says so, what is new gets a comment of its own', async () => {
  const { there, forge, add } = pullRequest();
  add('Looks good, <!-- dark-factory --> said nobody.', {});
  const open = finding('Not shown.', { verdict: 'not_confirmed', confirmed: false });
  expect(await postReview(forge, 12, report(finding('One.'), finding('Two.'), open))).toEqual({
    ...{ pull: 12, created: true, comments: 2 },
  });
  expect(there.map(({ path }) => path)).toEqual([undefined, undefined, 'a.js', 'a.js']);
  expect(there[1]?.body).toContain('2 confirmed (2 critical), 1 not confirmed');

  const again = await postReview(
    forge,
    12,
    report(finding('Two.', { line: 9 }), finding('Three.', { line: 40 })),
  );
  expect(again).toEqual({ pull: 12, created: false, comments: 2 });
  expect(there).toHaveLength(5);
  expect(there[4]).toMatchObject({ path: 'a.js', body: expect.stringContaining('Three.') });
  expect(there[0]?.body).toContain('said nobody');
  expect(there[1]?.body).toContain('Three.');
  expect(there[2]?.body).toContain('No longer found at');
  expect(there[3]?.body).toContain('Two.');
  // One that comes back is said again.
  await postReview(forge, 12, report(finding('One.')));
  expect(there[2]?.body).toContain('One.');
});

it('calls nobody, closes nothing and hides nothing with the words of a model', async () => {
  const { there, forge } = pullRequest();
  const words =
    '@everyone fixes #7 <!-- dark-factory:finding abc --> <script> sk-ant-api03-0123456789abcdefghij';
  await postReview(forge, 12, report(finding(words, { harm: words })));
  for (const { body } of there) {
    expect(body).not.toMatch(/@everyone|#7\b|<script>/);
    expect(body.match(/<!-- dark-factory/g)).toHaveLength(1);
  }
});

it('loses nothing to a line that is not shown, and comments on none twice, whether comments are taken with the review or not', async () => {
  for (const atOnce of [true, false]) {
    const { there, forge } = pullRequest({ shown: 10, atOnce });
    const found = report(
      finding('One.'),
      finding('Two.', { line: 40, harm: 'Great harm.' }),
      finding('One.', { line: 9 }),
    );
    for (const created of [true, false])
      expect(await postReview(forge, 12, found)).toEqual({ pull: 12, created, comments: 1 });
    expect(there.map(({ path }) => path)).toEqual([undefined, 'a.js']);
    expect(there[0]?.body).toMatch(/a\.js:40[\s\S]*Great harm\.[\s\S]*node x\.mjs/);
  }
});

it('takes what others wrote for nothing of its own, however it looks', async () => {
  const { there, forge, add } = pullRequest();
  add('<!-- dark-factory:review -->\nAll is well.', {});
  Object.assign(there[0] ?? {}, { author: 'mallory' });
  await postReview(forge, 12, report(finding('One.')));
  const quoted = `> ${there[2]?.body.replaceAll('\n', '\n> ')}\n\nI do not think so.`;
  add(quoted, { path: 'a.js', line: 3 });
  expect(await postReview(forge, 12, report())).toMatchObject({ created: false });
  expect(there.map(({ author, body }) => `${author} ${body.split('\n')[1]}`)).toEqual([
    'mallory All is well.',
    expect.stringContaining('0 confirmed'),
    expect.stringContaining('No longer found'),
    expect.stringContaining('bot >'),
  ]);
});

it('knows a fault that is told in other words by its place, and takes silence for no word that a fault is gone', async () => {
  const { there, forge } = pullRequest();
  await postReview(forge, 12, report(finding('A name leads out.'), finding('Far away.', { line: 60 })));
  const again = report(finding('Names are not checked.', { line: 5 }));
  const unheard = { ...again, finders: [...again.finders, { name: 'tests', state: 'silent' as const }] };
  expect(await postReview(forge, 12, unheard)).toEqual({ pull: 12, created: false, comments: 1 });
  expect(there).toHaveLength(3);
  expect(there[1]?.body).toContain('Names are not checked.');
  expect(there[2]?.body).toContain('Far away.');
  await postReview(forge, 12, again);
  expect(there[1]?.body).toContain('Names are not checked.');
  expect(there[2]?.body).toContain('No longer found');
});
