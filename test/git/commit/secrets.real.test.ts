import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LeftOutFile } from '../../../src/factory/ports.ts';
import { createGitManager, type GitManagerOptions } from '../../../src/git/manager.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

/** Put together here, so that no key-like text stands in this file. */
const RANDOM = 'aB3dE5fG7hJ9kL1mN3pQ5rS7';
const ANTHROPIC = ['sk', 'ant', 'api03', RANDOM].join('-');
const OLD = ['sk', 'live', `${RANDOM}OLD`].join('_');
const LOGIN = ['https://bob:', 'hunter2hunter2', '@db.internal.test/x'].join('');

let repository: TestRepository;
let worktree: string;
let base: string;

beforeEach(async () => {
  repository = await makeRepository({ files: { 'a.js': 'a\n', 'old.js': `const old = "${OLD}";\n` } });
  base = await repository.git('rev-parse', 'HEAD');
  worktree = join(repository.outside, 'w');
  const git = createGitManager({ env: repository.env });
  await git.createWorktree({ repository: repository.dir, worktree, branch: 'df/a', commit: base });
});
afterEach(() => repository.cleanup());

let calls = 0;
const commit = (options: Partial<GitManagerOptions> = {}, leaveOut?: (files: LeftOutFile[]) => void) =>
  createGitManager({ env: repository.env, ...options }).commitChanges(
    repository.dir,
    worktree,
    'Work',
    { project: 'p', step: `engineer/1/${calls++}` },
    leaveOut,
  );
const put = async (path: string, content: string | Buffer) => {
  await mkdir(join(worktree, path, '..'), { recursive: true });
  await writeFile(join(worktree, path), content);
};
const inWorktree = (...args: string[]) => repository.gitIn(worktree, ...args);

describe('a commit with a key in it', () => {
  it('is not made; file and line are named, the key is not, and the files stay as they are', async () => {
    await put('src/config.js', `// one\nexport const key = "${ANTHROPIC}";\n`);
    await put('good.js', 'good\n');
    const error = await commit().catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'secrets_found',
      findings: [{ path: 'src/config.js', line: 2, kind: expect.stringMatching(/anthropic/i) }],
    });
    expect(JSON.stringify(error) + String(error)).not.toContain(ANTHROPIC);
    expect(await inWorktree('rev-parse', 'HEAD')).toBe(base);
    expect(await readFile(join(worktree, 'src/config.js'), 'utf8')).toContain(ANTHROPIC);
  });

  it('is made as soon as the key is out or its file is ignored', async () => {
    await put('a.js', `x\n"${ANTHROPIC}"\n`);
    await put('.env', `KEY=${ANTHROPIC}\n`);
    await expect(commit()).rejects.toMatchObject({ code: 'secrets_found' });
    await put('a.js', 'x\nprocess.env.KEY\n');
    await put('.gitignore', '.env\n');
    expect(await commit()).not.toBeNull();
    expect(await inWorktree('ls-tree', '-r', '--name-only', 'HEAD')).not.toContain('.env');
  });

  it('is found whatever its comments say, by rules and by shape, in every file', async () => {
    await put('a.js', `// secretlint-disable\nconst url = "${LOGIN}";\n`);
    await put('naïve name.txt', `${ANTHROPIC}\n`);
    await expect(commit()).rejects.toMatchObject({
      findings: [
        { path: 'a.js', line: 2, kind: 'basicauth' },
        { path: 'naïve name.txt', line: 1 },
      ],
    });
  });

  it('is made where the file had that key before, but not with a second one', async () => {
    await put('old.js', `// moved\nconst old = "${OLD}";\n`);
    expect(await commit()).not.toBeNull();
    await put('old.js', `const old = "${OLD}";\nconst more = "${ANTHROPIC}";\n`);
    await expect(commit()).rejects.toMatchObject({ findings: [{ path: 'old.js', line: 2 }] });
  });

  it('is made where the owner allows the text or its file, or wants no scan', async () => {
    await put('a.js', `"${ANTHROPIC}"\n`);
    await expect(commit({ secrets: { scan: true, allow: ['^b\\.js$'] } })).rejects.toThrow(/a\.js:1/);
    expect(await commit({ secrets: { scan: true, allow: ['^sk-ant-api03-'] } })).not.toBeNull();
    await put('b.js', `"${ANTHROPIC}x"\n`);
    expect(await commit({ secrets: { scan: true, allow: ['^b\\.js$'] } })).not.toBeNull();
    await put('c.js', `"${ANTHROPIC}y"\n`);
    expect(await commit({ secrets: { scan: false, allow: [] } })).not.toBeNull();
  });

  it('is made without the files concerned where that is asked for', async () => {
    await put('a.js', `"${ANTHROPIC}"\n`);
    await put('new.js', `"${ANTHROPIC}"\n`);
    await put('good.js', 'good\n');
    const left: LeftOutFile[] = [];
    expect(await commit({}, (files) => left.push(...files))).not.toBeNull();
    expect(left.map(({ path, text }) => [path, text])).toEqual([
      ['a.js', `"${ANTHROPIC}"\n`],
      ['new.js', `"${ANTHROPIC}"\n`],
    ]);
    expect(await inWorktree('show', 'HEAD:a.js')).toBe('a');
    expect((await inWorktree('ls-tree', '--name-only', 'HEAD')).split('\n')).toEqual([
      'a.js',
      'good.js',
      'old.js',
    ]);
    expect(await commit({}, () => {})).toBeNull();
  });

  it('is not looked for in binary files, nor in links', async () => {
    await put('image.png', Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(ANTHROPIC)]));
    expect(await commit()).not.toBeNull();
  });
});
