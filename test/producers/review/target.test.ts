import { expect, it } from 'vitest';
import { DarkFactoryError, isFailure } from '../../../src/lib/failure.ts';
import { findPull } from '../../../src/producers/review/pull.ts';
import { findTarget } from '../../../src/producers/review/target.ts';

/** Commits by the names that they have; each is a child of the one before. */
const COMMITS: Record<string, number> = {
  first: 0,
  main: 1,
  'origin/main': 1,
  empty: 2,
  feature: 3,
  '4711': 3,
};

const git = {
  inspectRepository: async () => ({ branch: 'feature' }),
  async resolveCommit(_repository: string, name: string) {
    const commit = COMMITS[name];
    if (commit === undefined) throw new DarkFactoryError('usage', 'base_branch_missing', name, '');
    return `${commit}`;
  },
  commonCommit: async (_repository: string, one: string, other: string) => (one < other ? one : other),
  changedFiles: async (_repository: string, from: string, to: string) =>
    from === '1' && to === '2' ? [] : ['a.js'],
  pushTarget: async () => ({ remote: 'origin', url: 'https://github.com/acme/shop', base: 'main' }),
};
const state = {
  listProjects: async () => ({ projects: [], unreadable: [] }),
  forges: () => ({ get: async () => ({ version: 1, forges: [] }) }),
};
const deps = { git, state } as unknown as Parameters<typeof findTarget>[0];
const pullDeps = { git, state } as unknown as Parameters<typeof findPull>[0];
const target = (of: string, against?: string) => findTarget(deps, { repository: '/r', of, against });
const failure = async (asked: Promise<unknown>) => {
  const error = await asked.catch((thrown: unknown) => thrown);
  return isFailure(error) ? `${error.code}: ${error.message}. ${error.hint}` : `${error}`;
};

it('compares a branch with what it will go into, also where that is known from a remote alone', async () => {
  expect(await target('feature')).toMatchObject({ base: '1', head: '3' });
  expect(await target('first..feature')).toMatchObject({ base: '0', head: '3' });
});

it('refuses what holds no change, names it as it was said, and says how a commit is named', async () => {
  expect(await failure(target('first'))).toMatch(
    /nothing_to_review: There is no change in first: .* df review first\.\., .* df review first\^\.\.first/,
  );
  expect(await failure(target('main..empty'))).toContain('nothing_to_review: No file differs in main..empty');
  expect(await failure(target('main..feature', 'first'))).toContain('base_twice');
});

it.each([
  ['#12', true],
  ['!12', true],
  ['12', true],
  ['4711', false],
  ['https://github.com/acme/shop/pull/12/files', true],
  ['https://gitlab.acme.org/acme/web/shop/-/merge_requests/12/diffs?view=inline#note_1', true],
  ['https://github.com/acme/shop/issues/12', false],
  ['feature/12', false],
])('takes %s for a pull request: %s', async (of, isPull) => {
  // No forge is known, so that one is asked for where it is a pull request.
  expect(await failure(findPull(pullDeps, '/r', of))).toMatch(isPull ? /^forge_missing/ : /^null/);
});
