import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { PushOrder } from '../../../src/factory/ports.ts';
import { createGitManager } from '../../../src/git/manager.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import { type ForgeServer, startForgeServer } from '../../support/forge-server/index.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

const PERSONAL = `ghp_${'a1B2c3D4e5'.repeat(4)}`;
const TOKEN = { user: 'x-access-token', password: 'good-token' };
let repository: TestRepository;
let server: ForgeServer;
let work: string;

beforeAll(async () => {
  server = await startForgeServer({ protected: ['df/guarded/2026-01-01'], closeWithTest: false });
  repository = await makeRepository();
  const { git, write } = repository;
  await git('push', '--quiet', server.remote().replace('://', '://x:good-token@'), 'main');
  await git('remote', 'add', 'origin', server.remote());
  await git('checkout', '--quiet', '-b', 'df/work/2026-01-01');
  await write('a.txt', 'work\n');
  await git('add', '--all');
  await git('commit', '--quiet', '--message=Work');
  work = await git('rev-parse', 'HEAD');
});
afterAll(async () => {
  await server.close();
  await repository.cleanup();
});

const manager = (env = repository.env) => createGitManager({ env });
const order = (more: Partial<PushOrder> = {}): PushOrder => ({
  ...{
    repository: repository.dir,
    ...{ remote: 'origin', url: server.remote(), base: 'main' },
    branch: 'df/work/2026-01-01',
    commit: work,
  },
  ...more,
});
async function refusal(pushed: Promise<unknown>): Promise<DarkFactoryError> {
  const error: unknown = await pushed.catch((thrown: unknown) => thrown);
  if (error instanceof DarkFactoryError) return error;
  throw new Error(`expected a refusal, got ${String(error)}`);
}

describe('a push of the factory', () => {
  test('A112 fails at once at a remote that asks for a password', async () => {
    const error = await refusal(manager().pushBranch(order()));
    expect(error).toMatchObject({ kind: 'environment', code: 'push_unauthorized' });
    const wrong = order({ token: { user: 'x', password: 'revoked' } });
    expect((await refusal(manager().pushBranch(wrong))).code).toBe('push_unauthorized');
  });

  test('crosses HTTP with a token that stands in no argument and no environment, past the hooks of the owner', async () => {
    const bin = join(repository.outside, 'bin');
    const log = join(repository.outside, 'calls.txt');
    await mkdir(bin, { recursive: true });
    const real = (await repository.git('--exec-path')).trim();
    await writeFile(
      join(bin, 'git'),
      `#!/bin/sh\n{ echo "$@"; env; } >> '${log}'\nexec '${real}/git' "$@"\n`,
    );
    await chmod(join(bin, 'git'), 0o755);
    const hook = join(repository.dir, '.git', 'hooks', 'pre-push');
    await writeFile(hook, '#!/bin/sh\nexit 1\n');
    await chmod(hook, 0o755);
    const env = { ...repository.env, PATH: `${bin}${delimiter}${repository.env['PATH']}` };
    const pushed = await manager(env).pushBranch(order({ token: TOKEN }));
    expect(pushed).toEqual({ before: null, commit: work, pushed: true });
    expect(server.state.head('df/work/2026-01-01')).toBe(work);
    // The owner's own address may hold a password, or a token as the user: they go the same way.
    const own = server.remote().replace('://', '://x:good-token@');
    expect((await manager(env).pushBranch(order({ url: own, branch: 'df/own/2026-01-01' }))).pushed).toBe(
      true,
    );
    const user = server.remote().replace('://', `://${PERSONAL}@`);
    await refusal(manager(env).pushBranch(order({ url: user })));
    const both = order({ url: user, branch: 'df/user/2026-01-01', token: TOKEN });
    expect((await manager(env).pushBranch(both)).pushed).toBe(true);
    const calls = await readFile(log, 'utf8');
    expect(calls).toMatch(/push --porcelain/);
    expect(calls).not.toMatch(/good-token|ghp_/);
    expect(await manager().pushBranch(order({ token: TOKEN }))).toMatchObject({
      before: work,
      pushed: false,
    });
  });

  test('uses the helpers of the owner, and none that the repository names', async () => {
    const seen = join(repository.outside, 'seen.txt');
    const branch = 'df/helper/2026-01-01';
    await repository.git('config', 'credential.helper', `!f() { echo ran > ${seen}; }; f`);
    expect((await refusal(manager().pushBranch(order({ branch })))).code).toBe('push_unauthorized');
    await repository.git('config', '--unset', 'credential.helper');
    const settings = await readFile(repository.globalConfig, 'utf8');
    await writeFile(
      repository.globalConfig,
      `${settings}[credential "${server.url}"]\n\thelper = "!f() { echo username=x; echo password=good-token; }; f"\n`,
    );
    expect((await manager().pushBranch(order({ branch }))).pushed).toBe(true);
    await writeFile(repository.globalConfig, settings);
    await expect(readFile(seen, 'utf8')).rejects.toThrow('ENOENT');
  });

  test('goes to branches of the factory alone, never to the base, and into a base that is there', async () => {
    const token = TOKEN;
    for (const branch of ['main', 'feature', 'df'])
      expect((await refusal(manager().pushBranch(order({ branch, token })))).code).toBe('push_refused');
    const base = 'df/work/2026-01-01';
    expect((await refusal(manager().pushBranch(order({ base, token })))).code).toBe('push_refused');
    expect((await refusal(manager().pushBranch(order({ base: 'gone', token })))).code).toBe(
      'base_unpublished',
    );
  });

  test('A112 is refused by words where the branch is protected, and where it has other commits', async () => {
    const guarded = order({ branch: 'df/guarded/2026-01-01', token: TOKEN });
    const error = await refusal(manager().pushBranch(guarded));
    expect(error).toMatchObject({ code: 'push_protected' });
    expect(error.message).toMatch(/protects the branch df\/guarded/);
    const branch = 'df/other/2026-01-01';
    const there = await repository.git('commit-tree', `${work}^{tree}`, '-p', work, '-m', 'by hand');
    await repository.git(
      'push',
      '--quiet',
      server.remote().replace('://', '://x:good-token@'),
      '--no-verify',
      `${there}:refs/heads/${branch}`,
    );
    expect((await refusal(manager().pushBranch(order({ branch, token: TOKEN })))).code).toBe('push_diverged');
    expect(server.state.head(branch)).toBe(there);
    expect(await manager().pushBranch(order({ branch, commit: there, token: TOKEN }))).toMatchObject({
      pushed: false,
    });
    const more = await repository.git('commit-tree', `${work}^{tree}`, '-p', there, '-m', 'more');
    expect(await manager().pushBranch(order({ branch, commit: more, token: TOKEN }))).toMatchObject({
      before: there,
      pushed: true,
    });
  });

  test('A112 gives its token to no other host that the remote leads to', async () => {
    const thief = createServer((request, response) => {
      response
        .writeHead(302, { location: `${server.url.replace('127.0.0.1', 'localhost')}${request.url}` })
        .end();
    });
    await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void thief.close());
    const url = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/acme/shop.git`;
    expect((await refusal(manager().pushBranch(order({ url, token: TOKEN })))).code).toBe(
      'push_unauthorized',
    );
  });

  test('finds its remote by the base branch, else origin, and pushes to a folder too', async () => {
    const bare = join(repository.outside, 'bare.git');
    await repository.git('clone', '--quiet', '--bare', '--branch', 'main', repository.dir, bare);
    await repository.git('--git-dir', bare, 'branch', '--move', 'main', 'trunk');
    await repository.git('remote', 'add', 'backup', `file://${bare}`);
    expect(await manager().pushTarget(repository.dir, 'main')).toMatchObject({
      remote: 'origin',
      base: 'main',
      url: server.remote(),
    });
    await repository.git('config', 'branch.main.remote', 'backup');
    await repository.git('config', 'branch.main.merge', 'refs/heads/trunk');
    const target = await manager().pushTarget(repository.dir, 'main');
    expect(target).toMatchObject({ remote: 'backup', base: 'trunk', url: `file://${bare}` });
    expect(await manager().pushBranch(order({ ...target, branch: 'df/file/2026-01-01' }))).toMatchObject({
      pushed: true,
    });
    expect(await repository.git('--git-dir', bare, 'rev-parse', 'df/file/2026-01-01')).toBe(work);
    expect((await refusal(manager().pushTarget(repository.dir, 'main', 'nowhere'))).code).toBe(
      'remote_missing',
    );
    // What the owner has set for addresses is applied once: a second time this one would lead elsewhere.
    const own = await readFile(repository.globalConfig, 'utf8');
    const nowhere = '[url "file:///nowhere/"]\n\tinsteadOf = "file:///"\n\tpushInsteadOf = "file:///"\n';
    await writeFile(repository.globalConfig, own + nowhere);
    expect((await manager().pushBranch(order({ ...target, branch: 'df/once/2026-01-01' }))).pushed).toBe(
      true,
    );
    await writeFile(repository.globalConfig, own);
    await repository.git('remote', 'set-url', 'backup', '../outside/bare.git');
    expect(await manager().pushTarget(repository.dir, 'main')).toMatchObject({ url: bare });
    const gone = order({ url: 'file:///nowhere/at/all.git' });
    expect((await refusal(manager().pushBranch(gone))).code).toBe('push_unreachable');
  });

  test('keys are found in every commit, also where a later one took them out', async () => {
    const { git, write } = repository;
    await write('keys.env', `KEY=sk-ant-api03-${'a1B2c3D4e5'.repeat(8)}\n`);
    await git('add', '--all');
    await git('commit', '--quiet', '--message=Oops');
    const oops = await git('rev-parse', 'HEAD');
    await git('rm', '--quiet', 'keys.env');
    await git('commit', '--quiet', '--message=Gone');
    const head = await git('rev-parse', 'HEAD');
    expect(await manager().secretsIn(repository.dir, work, head)).toMatchObject([
      { path: 'keys.env', line: 1 },
    ]);
    expect(await manager().secretsIn(repository.dir, oops, head)).toEqual([]);
    // In no commit's past.
    expect(await manager().secretsIn(repository.dir, null, head)).toMatchObject([
      { path: 'keys.env', line: 1 },
    ]);
  });

  test('A110 keys are found in messages, in names of files and in where links lead', async () => {
    const { git, dir, write } = repository;
    const key = `sk-ant-api03-${'z9Y8x7W6v5'.repeat(8)}`;
    const from = await git('rev-parse', 'HEAD');
    await git('commit', '--quiet', '--allow-empty', '--message=Read it', `--message=With ${key}.`);
    const said = await git('rev-parse', 'HEAD');
    await write(`${key}.txt`, 'nothing\n');
    await git('add', '--all');
    await git('commit', '--quiet', '--message=Named');
    const named = await git('rev-parse', 'HEAD');
    await symlink(key, join(dir, 'link'));
    await git('add', '--all');
    await git('commit', '--quiet', '--message=Linked');
    const kinds = async (one: string, other: string) =>
      (await manager().secretsIn(dir, one, other)).map(({ path, line }) => `${path}:${line}`);
    expect(await kinds(from, said)).toEqual([`the message of ${said.slice(0, 12)}:3`]);
    expect(await kinds(said, named)).toEqual(['the names of its files:1']);
    expect(await kinds(named, 'HEAD')).toEqual(['link:1']);
  });
});
