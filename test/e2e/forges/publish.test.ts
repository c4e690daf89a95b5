import { expect, it } from 'vitest';
import { startForgeServer } from '../../support/forge-server/index.ts';
import { LONG } from '../../support/looks.ts';
import { commandHere } from '../../support/processes/command.ts';
import { scenario } from '../../support/scenario.ts';

it('A111 a completed project is published as the settings say, once, though its worker is killed over it', async () => {
  const server = await startForgeServer();
  const s = await scenario({ config: ['publish:', '  auto: draft', '  watch: true'] });
  await s.repository.git('push', '--quiet', server.remote().replace('://', '://x:good-token@'), 'main');
  await s.repository.git('remote', 'set-url', 'origin', server.remote());
  const add = [
    'forge',
    'add',
    '--kind',
    'github',
    '--repo',
    'acme/shop',
    '--url',
    server.url,
    '--token-stdin',
  ];
  expect(await commandHere(add, { home: s.home, env: s.env, stdin: 'good-token' })).toMatchObject({
    code: 0,
  });
  const { id, workBranch } = await s.init('auto');
  const first = await s.worker();
  const before = server.requests.length;
  let killed = false;
  server.watch(() => {
    // The pull request is just being made.
    if (!server.requests.at(-1)?.path.endsWith('/pulls') || killed) return;
    killed = true;
    first.kill('SIGKILL');
  });
  await s.ends(id);
  const { status, toPublish, lastAudit } = await s.project(id);
  expect({ status, draft: toPublish?.draft }).toEqual({ status: 'completed', draft: true });
  await first.exited;
  expect(server.requests.length).toBeGreaterThan(before);
  server.watch(null);
  await s.worker();
  const { publication } = await s.when(id, 'published', (project) => project.publication !== undefined, LONG);
  expect(publication).toMatchObject({
    number: 1,
    commit: lastAudit?.commit,
    draft: true,
    proved: true,
    watch: true,
  });
  expect(server.state.pulls).toMatchObject([{ branch: workBranch, base: 'main', draft: true }]);
  expect(server.state.head(workBranch)).toBe(lastAudit?.commit);
  const told = (await s.events(id)).filter(({ type }) => type === 'project.published');
  expect(told).toMatchObject([{ data: { by: 'settings', branch: workBranch } }]);
  // What is left of it is that its checks are watched.
  expect((await s.project(id)).toPublish).toBe(undefined);
});
