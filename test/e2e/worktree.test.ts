import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Turn } from '../support/model.ts';
import { call, calls, MEND_SUM, type Scenario, scenario, sequence } from '../support/scenario.ts';
import { until } from '../support/until.ts';

/** As code generators do it. */
const GENERATE =
  "node -e \"fs.mkdirSync('node_modules/.made/a',{recursive:true});fs.writeFileSync('node_modules/.made/a/i.js','x')\"";
const FILES = {
  'package.json': JSON.stringify({
    name: 'a',
    type: 'module',
    scripts: { pretest: GENERATE, test: 'node --test' },
  }),
  'sum.js': 'export const add = (a, b) => a - b;\n',
  'sum.test.js':
    "import assert from 'node:assert';\nimport test from 'node:test';\nimport { one } from 'one';\nimport { add } from './sum.js';\ntest('adds', () => assert.equal(add(1, one), 2));\n",
  '.gitignore': 'node_modules/\nlarge/\nkeys.txt\n',
};
/** Installs a package, and tells each run of the set-up from the others. */
const SETUP =
  'mkdir -p node_modules/one && echo \'{"name":"one","type":"module","main":"i.js"}\' > node_modules/one/package.json && echo "export const one = 1; // $(od -An -N4 -tx4 /dev/urandom)" > node_modules/one/i.js';

const results = (turn: Turn): string[] =>
  turn.conversation.filter(({ role }) => role === 'tool').map(({ text }) => text);

describe('packages', () => {
  it('are installed once for two projects and lent; what an agent or a generator writes among them reaches no gate and no other project', async () => {
    let last: Turn | undefined;
    const s = await scenario({
      files: FILES,
      script: (turn) => {
        if (!turn.lastUser.includes('You are auditing')) last = turn;
        return sequence([
          call('bash', { command: 'cat node_modules/one/i.js' }),
          call('bash', {
            command: 'echo "export const one = 99;" > node_modules/one/i.js && npm test; ls -A',
          }),
          calls(
            ['read_file', { path: 'node_modules/one/i.js' }],
            ['bash', { command: 'rm -rf node_modules' }],
          ),
          call('bash', { command: 'rm -rf node_modules && ls -A' }),
          ...MEND_SUM.slice(0, 1),
          ...MEND_SUM.slice(2, 3),
          ...MEND_SUM.slice(4),
        ])(turn);
      },
    });
    await s.worker();
    const seen: string[] = [];
    for (const name of ['first', 'second']) {
      await s.init(name, '--setup', SETUP);
      await s.ends(name);
      const [read = '', tested = '', written = '', removed = '', gone = ''] = results(last as Turn);
      seen.push(read.replace(/^exit code: 0\n/, ''));
      expect(tested).toContain('node_modules');
      expect(tested).not.toContain('EROFS');
      expect(written).toContain('one = 99');
      expect(removed).toContain('run the command again');
      expect(gone).toMatch(/^exit code: 0\n/);
      expect(gone).not.toContain('node_modules');
    }
    expect(seen[0]).toContain('one = 1');
    expect(seen[1]).toBe(seen[0]);
    const setups = (await readdir(join(s.home, 'data/setups'))).filter((name) => /^[0-9a-f]{40}$/.test(name));
    expect(setups).toHaveLength(1);
    const kept = join(s.home, 'data/setups', setups[0] ?? '', 'files/node_modules/one/i.js');
    expect(await readFile(kept, 'utf8')).toContain('one = 1');
    expect(await s.json('clean')).toMatchObject({ packages: { entries: 1 } });
    expect(await readdir(join(s.home, 'data/scratch'))).toEqual([]);
  });
});

it('the time of a start counts when the project has its branch, not before', async () => {
  const s = await scenario();
  await s.worker();
  const { id } = await s.init('slow', '--no-test', '--setup', 'sleep 3');
  await s.df('start', id);
  const early: number[] = [];
  const ready = await s.when(id, 'prepared', ({ prepared, activeMs }) => {
    if (!prepared) early.push(activeMs);
    return prepared;
  });
  expect(new Set(early)).toEqual(new Set([0]));
  expect(ready.activeMs).toBeGreaterThan(0);
});

describe('links', () => {
  const linked = async (link: string[], also: string[] = []) => {
    let last: Turn | undefined;
    const s = await scenario({
      files: FILES,
      script: (turn) => {
        last = turn;
        return sequence([
          call('bash', {
            command: 'cat large/data.txt keys.txt; echo bad > large/data.txt; echo bad > keys.txt',
          }),
          call('read_file', { path: 'large/data.txt' }),
          call('write_file', { path: 'large/new.txt', content: 'bad' }),
          call('bash', { command: 'rm -rf large keys.txt; mv large gone; git status --short' }),
          call('bash', { command: 'sleep 60' }),
        ])(turn);
      },
      config: ['worktree:', `  link: [${link.join(', ')}]`, ...also],
    });
    await mkdir(join(s.repository.dir, 'large'));
    await writeFile(join(s.repository.dir, 'large/data.txt'), 'DATA\n');
    await writeFile(join(s.repository.dir, 'keys.txt'), 'KEYS\n');
    return { s, turn: () => last };
  };
  const start = async (s: Scenario) => {
    const project = await s.init('linked', '--no-test', '--setup', 'true');
    await s.worker();
    await s.df('start', 'linked');
    return project;
  };

  it('are read, and nothing that an agent does through them reaches the checkout or a commit', async () => {
    const { s, turn } = await linked(['large', 'keys.txt'], ['  teardown: "cat large/data.txt; exit 3"']);
    const { id, workBranch } = await start(s);
    await until(() => results(turn() ?? ({ conversation: [] } as unknown as Turn)).length === 4, 60_000);
    const [read = '', file = '', written = '', removed = ''] = results(turn() as Turn);
    expect(read).toMatch(/DATA\nKEYS\n/);
    expect(read.match(/Read-only file system/g)).toHaveLength(2);
    expect(file).toContain('DATA');
    expect(written).toContain('Read-only');
    expect(removed).not.toMatch(/\?\?|keys\.txt$/);
    await s.df('stop', 'linked');
    await s.settles(id);
    expect(await readFile(join(s.repository.dir, 'large/data.txt'), 'utf8')).toBe('DATA\n');
    expect(await readFile(join(s.repository.dir, 'keys.txt'), 'utf8')).toBe('KEYS\n');
    expect(await readdir(join(s.repository.dir, 'large'))).toEqual(['data.txt']);
    expect(await s.repository.git('ls-tree', '-r', '--name-only', workBranch)).not.toMatch(/large|keys/);
    expect((await s.events(id)).map(({ type }) => type)).toContain('worktree.teardown_failed');
  });

  it('that cannot be made hold the project up before a turn, and it says why', async () => {
    const { s } = await linked(['sum.js']);
    const { id } = await start(s);
    const { statusReason } = await s.reaches(id, 'paused');
    expect(statusReason).toContain('tracked by git');
    expect(s.model.requests).toHaveLength(0);
  });
});
