import { expect, test } from 'vitest';
import { newForge } from '../../../src/factory/publishing/forges.ts';
import { type ForgeServer, startForgeServer } from '../../support/forge-server/index.ts';
import { publishHouse, refusalOf } from './publish-house.ts';

const house = publishHouse();
const publish = ({ id }: { id: string }, order = {}) => house.services.publishing.publish(id, order);
const wish = () => ({ draft: false, watch: true, since: new Date() });

/** A remote `mine` at a forge of its own. */
async function secondForge(): Promise<ForgeServer> {
  const server = await startForgeServer({ repository: 'ann/mine' });
  const { git } = house.repository;
  await git('remote', 'add', 'mine', server.remote());
  await git('push', '--quiet', server.remote().replace('://', '://x:good-token@'), 'main');
  const order = { kind: 'github', repository: 'ann/mine', url: server.github } as const;
  const forge = newForge(order, 'env:FORGE_TOKEN', new Date());
  await house.services.state.forges().update((file) => ({ ...file, forges: [...file.forges, forge] }));
  return server;
}

test('A148 goes to the remote that its owner gave for the first one, and nowhere by itself where that is not known', async () => {
  const mine = await secondForge();
  const project = await house.ended('login');
  const { state, publishing } = house.services;
  expect(await publish(project, { remote: 'mine', watch: true })).toMatchObject({ forge: 'mine', number: 1 });
  const second = await house.commit(project, { 'second.txt': 'more\n' });
  await house.prove(project, second);
  await state.project(project.id).update((current) => ({ ...current, toPublish: wish() }));
  expect(await publishing.publishWished(project.id)).toMatchObject({ outcome: 'done' });
  expect(mine.state.head(project.workBranch)).toBe(second);
  expect(await publish(project)).toMatchObject({ forge: 'mine', remote: 'mine', number: 1, created: false });
  // As an older program left it.
  await state.project(project.id).update(({ publication, ...current }) => {
    const { remote: _, ...older } = publication ?? {};
    return { ...current, publication: older as NonNullable<typeof publication> };
  });
  const error = await refusalOf(publish(project, { unattended: true }));
  expect(error).toMatchObject({ code: 'forge_changed', message: expect.stringContaining('is at mine') });
  expect(mine.state.pulls).toHaveLength(1);
  expect(house.server.state.head(project.workBranch)).toBeNull();
  expect(house.server.state.pulls).toEqual([]);
});
