import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Project } from '../../../src/factory/model/project.ts';
import { checkForges } from '../../../src/producers/cli/commands/doctor/forge-checks.ts';
import { createServices } from '../../../src/services.ts';
import { commandHere } from '../../support/processes/command.ts';
import { publishHouse, refusalOf } from './publish-house.ts';

const house = publishHouse({ protected: ['df/guarded/2026-01-01'] });
const publish = (project: Pick<Project, 'id'>, order = {}) =>
  house.services.publishing.publish(project.id, order);

describe('a pull request that people have touched', () => {
  test('stays closed or merged, with nothing pushed, and stays the draft that it is when the settings ask', async () => {
    const project = await house.ended('touched');
    await publish(project, { draft: true });
    const pull = house.server.state.pulls.find(({ branch }) => branch === project.workBranch);
    Object.assign(pull ?? {}, { draft: false });
    const next = await house.commit(project, { 'next.txt': 'next\n' });
    await house.prove(project, next);
    expect(await publish(project, { draft: true, unattended: true })).toMatchObject({
      draft: false,
      pushed: true,
    });
    for (const state of ['closed', 'merged'] as const) {
      Object.assign(pull ?? {}, { state });
      const { git } = house.repository;
      await git('--git-dir', house.server.bareFolder, 'update-ref', '-d', `refs/heads/${project.workBranch}`);
      const error = await refusalOf(publish(project));
      expect(error).toMatchObject({ code: 'pull_closed', message: expect.stringContaining(state) });
      expect(house.server.state.head(project.workBranch)).toBeNull();
    }
  });
});

describe('the commands', () => {
  const run = (args: string[], stdin?: string) => {
    const { home, env, repository } = house;
    return commandHere(args, { home, env, cwd: repository.dir, ...(stdin === undefined ? {} : { stdin }) });
  };

  test('df forge proves a token before it keeps one, keeps it encrypted, and tells what it lacks', async () => {
    const { server, home } = house;
    const add = ['forge', 'add', '--kind', 'gitlab', '--repo', server.state.repository, '--id', 'lab'];
    const at = ['--url', server.url];
    server.state.tokens.set('read-token', { user: 'bot', scopes: ['read_api'], mayWrite: true });
    const lacking = await run([...add, ...at, '--token-stdin'], 'read-token');
    expect(lacking).toMatchObject({ code: 4 });
    expect(lacking.stderr).toMatch(/lacks api/);
    expect(await run([...add, ...at, '--token-stdin'], 'wrong')).toMatchObject({ code: 4 });
    const away = ['--url', 'http://127.0.0.1:9'];
    const unreached = await run([...add, ...away, '--token-stdin'], 'good-token');
    expect(unreached).toMatchObject({ code: 2 });
    expect(unreached.stderr).toMatch(/could not be proved.*--unproved/s);
    const kept = await run([...add, ...away, '--token-stdin', '--unproved'], 'good-token');
    expect(kept.stderr).toMatch(/NOT PROVED/);
    expect(JSON.parse((await run(['forge', 'list', '--json'])).stdout)[1]).not.toHaveProperty('provedAt');
    expect(await run(['forge', 'remove', 'lab'])).toMatchObject({ code: 0 });
    server.state.tokens.set('good-token', { user: 'bot', scopes: ['repo', 'api'], mayWrite: true });
    expect(await run([...add, ...at, '--token-stdin'], 'good-token')).toMatchObject({ code: 0, stderr: '' });
    expect(await run([...add, ...at, '--token-env', 'FORGE_TOKEN'])).toMatchObject({ code: 2 });
    const list = JSON.parse((await run(['forge', 'list', '--json'])).stdout);
    expect(list[1]).toMatchObject({ id: 'lab', kind: 'gitlab', token: '****oken', url: server.gitlab });
    expect(list[1].provedAt).toBeTypeOf('string');
    expect(await readFile(join(home, 'forges.yaml'), 'utf8')).not.toMatch(/good-token/);
    expect(await run(['forge', 'set-token', 'lab', '--token-env', 'FORGE_TOKEN'])).toMatchObject({ code: 0 });
    expect(await run(['forge', 'set-token', 'lab', '--token-env', 'NOT_SET'])).toMatchObject({ code: 4 });
    await writeFile(
      join(home, 'config.yaml'),
      `intake: [{ forge: lab, label: df, authors: [ann], repo: ${home} }]\n`,
    );
    const removed = await run(['forge', 'remove', 'lab']);
    expect(removed).toMatchObject({ code: 0, stderr: expect.stringMatching(/warning: intake .* \(df\)/) });
    const services = await createServices({ env: { DF_HOME: home, FORGE_TOKEN: 'good-token' } });
    const doubts = (await checkForges(services)).filter(({ status }) => status === 'fail');
    await services.close();
    expect(doubts).toMatchObject([{ name: 'forge lab', detail: expect.stringContaining('no such forge') }]);
    await rm(join(home, 'config.yaml'));
    expect(await run(['forge', 'remove', 'lab'])).toMatchObject({ code: 3 });
    // What stands in for api.github.com has its API at its root.
    const root = createServer((request, response) => {
      const known = { full_name: 'acme/shop', html_url: 'https://example.org/acme/shop' };
      const isIt = request.url === '/repos/acme/shop';
      response.writeHead(isIt ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isIt ? known : { message: 'Not Found' }));
    });
    await new Promise<void>((resolve) => root.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void root.close());
    const url = `http://127.0.0.1:${(root.address() as AddressInfo).port}`;
    const name = ['--kind', 'github', '--repo', 'acme/shop', '--id', 'root', '--url', url];
    const added = await run(['forge', 'add', ...name, '--token-env', 'FORGE_TOKEN', '--json']);
    expect(JSON.parse(added.stdout)).toMatchObject({ id: 'root', url });
    expect(await run(['forge', 'remove', 'root'])).toMatchObject({ code: 0 });
    // A token in the place of a name is not told to whoever looks over a shoulder or reads a log.
    const clear = await run([...add, ...at, '--token-env', `ghp_${'a1'.repeat(18)}`]);
    expect(clear).toMatchObject({ code: 2, stderr: expect.not.stringContaining('ghp_') });
    const named = await run([
      'forge',
      'add',
      '--kind',
      'github',
      '--repo',
      'https://x.org/a/b',
      '--token-env',
      'T',
    ]);
    expect(named.stderr).toContain('Give --repo its name alone');
  });

  test('df publish tells the address, and so do list, status, report and export', async () => {
    const project = await house.ended('shown');
    const draft = await run(['publish', 'shown', '--draft', '--json']);
    const { url, number } = JSON.parse(draft.stdout);
    expect(JSON.parse(draft.stdout)).toMatchObject({ projectId: project.id, draft: true, created: true });
    expect((await run(['publish', 'shown'])).stdout).toContain(`The pull request is up to date: ${url}`);
    for (const command of [
      ['list'],
      ['status', 'shown'],
      ['report'],
      ['export', 'shown', '--format', 'markdown'],
    ])
      expect((await run(command)).stdout, command.join(' ')).toContain(url);
    expect(JSON.parse((await run(['status', 'shown', '--json'])).stdout).project.publication).toMatchObject({
      number,
    });
    const on = JSON.parse((await run(['publish', 'shown', '--watch', '--json'])).stdout);
    expect(on).toMatchObject({ watch: true, watchBy: 'owner' });
    const off = await run(['publish', 'shown', '--no-watch', '--json']);
    expect(JSON.parse(off.stdout)).toEqual({ projectId: project.id, watch: false });
    const { publication } = await house.services.state.project(project.id).get();
    expect(publication).toMatchObject({ number, watch: false, watchBy: 'owner' });
    const refused = await run(['publish', (await house.ended('shown-not', { status: 'timeout' })).id]);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/Nothing was pushed.*--unproved/s);
    const never = await run(['publish', 'shown-not', '--no-watch']);
    expect(never).toMatchObject({ code: 2, stderr: expect.stringContaining('is not published') });
  });
});
