import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { projectOrNull } from '../../../src/factory/decisions/tree/tree.ts';
import { projectOfIssue } from '../../../src/factory/intake/words.ts';
import type { ForgeKind } from '../../../src/factory/model/forge/forge.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { addForge } from '../../support/forge-server/add-forge.ts';
import { startForgeServer } from '../../support/forge-server/index.ts';
import { BROKEN_SUM, call, MEND_SUM, SUM_TEST, scenario, sequence } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

const FILES = {
  ...BROKEN_SUM,
  'package.json': JSON.stringify({ name: 'sum', type: 'module', scripts: { test: SUM_TEST } }),
};

/** What the first attempt leaves to be found by the checks at the forge. */
const AFTER_RED = [
  call('bash', { command: 'cat sum.js' }),
  call('write_file', { path: 'sum.js', content: '// Adds.\nexport const add = (a, b) => a + b;\n' }),
  call('finish', { summary: 'The checks at the forge want a comment.' }),
];

/** The `red` log is that of the first commit of a branch; the next ones are green. */
async function house(kind: ForgeKind, repository: string, red: string) {
  const s = await scenario({
    config: ['limits:', '  diskFree: 0', '  crashes: 50'],
    files: FILES,
    script: sequence([...MEND_SUM, ...AFTER_RED]),
  });
  const server = await startForgeServer({ repository });
  await appendFile(
    join(s.home, 'config.yaml'),
    [
      `intake: [{ forge: shop, label: df, authors: [ann], repo: ${s.repository.dir}, budget: 5, interval: 1s }]`,
      'publish: { auto: ready, watch: true, rounds: 3, interval: 1s }',
      '',
    ].join('\n'),
  );
  await s.repository.git('remote', 'set-url', 'origin', server.remote());
  await s.repository.git('push', '--quiet', server.remote().replace('://', '://x:good-token@'), 'main');
  await addForge(s, server, kind);

  // What runs the checks of a repository.
  const ran = new Map<string, boolean>();
  const runner = setInterval(() => {
    for (const { branch } of server.state.pulls) {
      const commit = server.state.head(branch);
      if (commit === null || ran.has(commit)) continue;
      const isRed = ran.size === 0;
      ran.set(commit, isRed);
      server.state.addCheck({
        commit,
        name: 'docs',
        state: isRed ? 'failure' : 'success',
        log: isRed ? red : '',
      });
    }
  }, 50);
  onTestFinished(() => clearInterval(runner));

  server.state.addIssue({
    title: 'add subtracts',
    author: 'ann',
    labels: ['df'],
    body: 'add(2, 3) must be 5.',
  });
  const id = projectOfIssue('shop', 1);
  const green = async () => {
    const ended = await s.when(id, 'green', ({ watching }) => watching?.state === 'over');
    expect(ended).toMatchObject({
      status: 'completed',
      watching: { rounds: 1, reason: 'All checks are green.' },
    });
    expect(ended.attempts).toHaveLength(2);
    expect((await s.services.state.listProjects()).projects).toHaveLength(1);
    expect(server.state.pulls).toHaveLength(1);
    expect(server.state.head(ended.workBranch)).toBe(ended.publication?.commit);
    expect([...ran.values()]).toEqual([true, false]);
    const messages = await s.json<{ text: string }[]>('messages', id);
    expect(messages).toEqual([
      expect.objectContaining({ text: expect.stringContaining('sum.js: add has no comment') }),
    ]);
    await until(() => server.state.comments[0]?.body.includes('Done: every task is proved.') ?? false);
    expect(server.state.comments.filter(({ number }) => number === 1)).toHaveLength(1);
    const events = (await s.services.state.events(id).readFrom(0)).entries.map(({ type }) => type);
    expect(events).toContain('checks.passed');
    return { ended, messages };
  };
  return { s, server, id, green };
}

it('A121 an issue becomes a proved branch, a pull request, a second attempt after red checks, and green ones, whatever is killed on the way', async () => {
  const { s, server, id, green } = await house(
    'github',
    'acme/shop',
    '##[group]Run npm run docs\nsum.js: add has no comment\n##[error]Process completed with exit code 1.\n',
  );
  server.fail(/POST .*\/pulls$/, 'lose reply');

  const project = async () => projectOrNull(s.services.state, id);
  const is = (holds: (now: Project) => boolean) => async () => {
    const now = await project();
    return now !== null && holds(now);
  };
  const moments: (() => boolean | Promise<boolean>)[] = [
    is(() => true),
    is(({ status }) => status === 'active'),
    is(({ baselineGate }) => baselineGate !== undefined),
    is(({ taskCounts }) => (taskCounts?.completed ?? 0) > 0),
    is(({ status }) => status === 'completed'),
    () => server.state.pulls.length > 0,
    is(({ publication }) => publication !== undefined),
    is(({ attempts }) => attempts.length === 2),
    is(({ watching, status }) => watching?.state === 'failed' && status === 'completed'),
    is(({ publication, watching }) => publication?.commit !== watching?.commit || watching?.state === 'over'),
  ];
  let worker = await s.worker();
  for (const [index, moment] of moments.entries()) {
    await until(moment, undefined, () => `moment ${index}`);
    worker.kill('SIGKILL');
    if (index === 4) await (await s.services.redis()).flushall();
    worker = await s.worker();
  }
  await green();
});

const GITLAB_LOG = [
  '2026-01-31T10:00:00.000000Z 00O section_start:1769853600:step_script\r\x1b[0KExecuting "step_script"',
  '2026-01-31T10:00:00.100000Z 01O $ npm run docs',
  '2026-01-31T10:00:01.000000Z 01O sum.js: add has no comment',
  '2026-01-31T10:00:01.100000Z 00O ERROR: Job failed: exit code 1',
].join('\n');

it('the same happens at GitLab, in groups within groups, with a merge request whose creation nobody hears of and a project that is renamed', async () => {
  const { s, server, green } = await house('gitlab', 'acme/web/shop', GITLAB_LOG);
  server.fail(/POST .*\/merge_requests$/, 'lose reply');
  await s.worker();
  await until(() => server.state.pulls.length > 0);
  server.state.rename('acme/store/shop');
  const { ended, messages } = await green();
  expect(messages[0]?.text).not.toMatch(/section_start|step_script|2026-01-31T/);
  expect(server.state.pulls).toMatchObject([{ title: expect.not.stringContaining('Draft'), state: 'open' }]);
  expect(ended.publication?.url).toMatch(/\/acme\/\w+\/shop\/-\/merge_requests\/2$/);
  const { forges } = await s.services.state.forges().get();
  expect(forges).toMatchObject([{ repository: 'acme/store/shop', formerly: ['acme/web/shop'] }]);
});
