import { beforeEach, expect, test } from 'vitest';
import { publishHouse, refusalOf } from './publish-house.ts';

const house = publishHouse();
let start: string;
beforeEach(async () => {
  const { git } = house.repository;
  start ??= await git('rev-parse', 'main');
  await git('reset', '--quiet', '--hard', start);
  await git('update-ref', '-d', 'refs/remotes/origin/main');
});

const publish = ({ id }: { id: string }, order = {}) => house.services.publishing.publish(id, order);

/** Somebody else's commit, which nobody has fetched, is what the base branch stands at there. */
async function movedThere(...parents: string[]): Promise<void> {
  const bare = ['--git-dir', house.server.state.bare()];
  const args = ['commit-tree', `${start}^{tree}`, '-m', 'Elsewhere', ...parents.flatMap((id) => ['-p', id])];
  const { git } = house.repository;
  await git(...bare, 'update-ref', 'refs/heads/main', await git(...bare, ...args));
}

async function commitToBase(name: string, content: string): Promise<string> {
  const { git, write } = house.repository;
  await write(name, content);
  await git('add', '--all');
  await git('commit', '--quiet', '--message=Private');
  return git('rev-parse', 'HEAD');
}

test('A147 is not published unseen where nothing of its history is at the remote: its owner takes all of it along, but no keys', async () => {
  await movedThere();
  const clean = await house.ended('clean');
  expect((await refusalOf(publish(clean, { unattended: true }))).code).toBe('base_behind');
  expect(house.server.state.head(clean.workBranch)).toBeNull();
  expect(await publish(clean)).toMatchObject({ ofBase: 1, pushed: true });
  await commitToBase('private.env', `KEY=sk-ant-api03-${'a1B2c3D4e5'.repeat(8)}\n`);
  await commitToBase('private.env', 'KEY=\n');
  const project = await house.ended('on-a-key');
  const error = await refusalOf(publish(project));
  expect(error).toMatchObject({ code: 'secrets_found', message: expect.stringContaining('private.env:1') });
  expect(house.server.state.head(project.workBranch)).toBeNull();
});

test('A147 is not published unseen where what was fetched stood at another address, or was taken out there since', async () => {
  await movedThere(start);
  const tracked = await commitToBase('private.txt', 'ours\n');
  await house.repository.git('update-ref', 'refs/remotes/origin/main', tracked);
  const project = await house.ended('private');
  const error = await refusalOf(publish(project, { unattended: true }));
  expect(error).toMatchObject({ code: 'base_behind', message: expect.stringMatching(/^No commit of main/) });
  expect(house.server.state.head(project.workBranch)).toBeNull();
});

test('is published where others have pushed to its base since it was fetched, also on commits that never were', async () => {
  await movedThere(start);
  const project = await house.ended('behind');
  expect(await publish(project, { unattended: true })).toMatchObject({ ofBase: 0, pushed: true });
  await house.repository.git('update-ref', 'refs/remotes/origin/main', start);
  await commitToBase('new.txt', 'ours\n');
  const ahead = await house.ended('ahead');
  expect((await refusalOf(publish(ahead, { unattended: true }))).message).toMatch(/^1 commit of main/);
  expect(await publish(ahead)).toMatchObject({ ofBase: 1, pushed: true });
});
