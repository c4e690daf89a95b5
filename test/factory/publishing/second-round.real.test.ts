import { expect, test } from 'vitest';
import type { Project } from '../../../src/factory/model/project.ts';
import { newForge } from '../../../src/factory/publishing/forges.ts';
import { publishJob } from '../../../src/factory/publishing/publish-job.ts';
import { type ForgeServer, startForgeServer } from '../../support/forge-server/index.ts';
import { publishHouse, refusalOf } from './publish-house.ts';

const house = publishHouse();
const publish = ({ id }: { id: string }, order = {}) => house.services.publishing.publish(id, order);
const wish = () => ({ draft: false, watch: true, since: new Date() });

/** What another attempt has come to, and the wish that it is published. @returns its commit */
async function secondRound(project: Project): Promise<string> {
  const commit = await house.commit(project, { 'second.txt': 'more\n' });
  await house.prove(project, commit);
  await house.services.state.project(project.id).update((current) => ({ ...current, toPublish: wish() }));
  return commit;
}

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
  const second = await secondRound(project);
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

test('A149 is not published by the settings that say no by now, but by the word of its owner', async () => {
  const { services, server } = house;
  const settings = { auto: 'off' as const, watch: false };
  const config = { ...services.config, publish: { ...services.config.publish, ...settings } };
  const deps = { ...services, absences: async () => [], now: () => new Date(), by: 'settings', config };
  for (const [name, watchBy] of [
    ['by-settings', 'settings'],
    ['by-owner', 'owner'],
  ] as const) {
    const project = await house.ended(name);
    await publish(project, { watch: true, unattended: watchBy === 'settings' });
    const first = server.state.head(project.workBranch);
    const second = await secondRound(project);
    const isOwners = watchBy === 'owner';
    expect((await publishJob(deps, project.id)).outcome).toBe(isOwners ? 'done' : 'skipped');
    expect(server.state.head(project.workBranch)).toBe(isOwners ? second : first);
    const { publication, toPublish } = await services.state.project(project.id).get();
    expect({ publication, toPublish }).toMatchObject({ publication: { watch: true, watchBy } });
    expect(toPublish).toBeUndefined();
  }
});

test.each(['closed', 'merged'] as const)(
  'A149 is not published by itself once its pull request was %s while the attempt was under way',
  async (state) => {
    const { services, server } = house;
    const project = await house.ended(`was-${state}`);
    const { number, commit } = await publish(project, { watch: true });
    const pull = server.state.pulls.find((each) => each.number === number);
    Object.assign(pull ?? {}, { state, commit });
    await secondRound(project);
    expect(await services.publishing.publishWished(project.id)).toMatchObject({ workFailed: true });
    expect(server.state.head(project.workBranch)).toBe(commit);
    expect(server.state.pulls.filter(({ branch }) => branch === project.workBranch)).toHaveLength(1);
    const given = await services.state.project(project.id).get();
    expect(given.toPublish).toBeUndefined();
    expect(given.unpublished?.reason).toContain(`was ${state}. Nothing was pushed.`);
    expect(await publish(project)).toMatchObject({ created: true });
  },
);
