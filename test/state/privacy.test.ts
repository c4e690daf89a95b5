import { access, appendFile, link, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StateStore } from '../../src/factory/ports.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createHome } from '../../src/state/home/home.ts';
import { openLease } from '../../src/state/logs/open-lease.ts';
import { encryptingOutputs } from '../../src/state/projects/outputs.ts';
import { createPrivacy } from '../../src/state/secrets/privacy.ts';
import { createMasterKey } from '../../src/state/secrets/vault.ts';
import { createStateStore } from '../../src/state/store.ts';
import { sampleAgent, sampleFinance, sampleProject, sampleReport } from './samples.ts';
import { withFolder } from './support.ts';

const WORD = 'the-customer-is-called-Hallgrimsson';
const holder = { host: 'h', pid: 1, startedAt: 'now' };
const note = (text: string) => ({ type: 'note', key: 'k', text }) as const;

const DONE = { type: 'step_done', outcome: 'continue' } as const;

function open(folder: string, encrypt = true, env: Record<string, string> = {}) {
  const home = createHome(folder, {}, '/nowhere');
  const masterKey = createMasterKey({ home: folder, env });
  const privacy = createPrivacy({ encrypt, masterKey, longestCommand: 60_000 });
  const store = createStateStore({ home, clock: systemClock, privacy });
  /** What the sandbox does: writes in clear, and ends. */
  const sandbox = encryptingOutputs(
    {
      run: async ({ outputFile, command }: { outputFile: string; command: string }) =>
        writeFile(outputFile, command),
    } as unknown as Parameters<typeof encryptingOutputs>[0],
    { privacy, projects: home.projects, onProblem: (error) => void Promise.reject(error) },
  );
  const run = async (id: string, text: string) => {
    const { file, relative } = await store.newOutput(id, 'bash');
    await sandbox.run({ outputFile: file, command: text } as Parameters<typeof sandbox.run>[0]);
    return { file, relative };
  };
  return { home, privacy, store, run };
}

async function project(store: StateStore) {
  const made = sampleProject();
  await store.createProject(made, [sampleAgent(made.id)], sampleFinance(made.id));
  const journal = join(store.projectFolder(made.id), 'agents', 'engineer.jsonl');
  return { ...made, journal };
}

async function say(store: StateStore, id: string, step: number, text: string) {
  const writer = await store.journal(id, 'engineer').lease(step, holder);
  await writer?.append(note(text), DONE);
}

const said = async (store: StateStore, id: string) =>
  (await store.journal(id, 'engineer').entries()).flatMap((entry) =>
    entry.type === 'note' ? [entry.text] : [],
  );

describe('a journal with privacy.encrypt', () => {
  it('holds no word in clear, reads as before, also in another process, and tells its open lease', () =>
    withFolder(async (folder) => {
      const { store, privacy } = open(folder);
      const { id, journal } = await project(store);
      await say(store, id, 1, WORD);
      await store.journal(id, 'engineer').lease(2, holder);
      const text = await readFile(journal, 'utf8');
      expect(text).not.toContain(WORD);
      expect(text).not.toContain('lease');
      expect(await said(open(folder).store, id)).toEqual([WORD]);
      expect(await openLease(journal, privacy)).toEqual({ epoch: 2, holder });
    }));

  it('is readable across switching on and off', () =>
    withFolder(async (folder) => {
      const { id } = await project(open(folder, false).store);
      const texts = ['clear', 'hidden', 'clear again', 'hidden again'];
      for (const [index, text] of texts.entries())
        await say(open(folder, index % 2 === 1).store, id, index + 1, text);
      for (const on of [true, false]) expect(await said(open(folder, on).store, id)).toEqual(texts);
      const raw = await readFile((await readdirOf(folder, id))[0] ?? '', 'utf8');
      expect(texts.map((text) => raw.includes(`"${text}"`))).toEqual([true, false, true, false]);
    }));

  it('loses a torn last line and goes on', () =>
    withFolder(async (folder) => {
      const { store } = open(folder);
      const { id, journal } = await project(store);
      await say(store, id, 1, 'one');
      const whole = await readFile(journal, 'utf8');
      await appendFile(journal, whole.split('\n')[0]?.slice(0, 60) ?? '');
      const other = open(folder).store;
      expect(await said(other, id)).toEqual(['one']);
      await say(other, id, 2, 'two');
      expect(await said(store, id)).toEqual(['one', 'two']);
    }));

  it('with another or no master key is a clear error, and nothing is written or made', () =>
    withFolder(async (folder) => {
      const { store, home } = open(folder);
      const { id, journal } = await project(store);
      await say(store, id, 1, WORD);
      const before = await readFile(journal);
      const wrong = open(folder, true, { DF_MASTER_KEY: 'ab'.repeat(32) }).store;
      await expect(said(wrong, id)).rejects.toMatchObject({
        code: 'private_unreadable',
        message: expect.stringMatching(/engineer\.jsonl: line 1 .*another master key/),
      });
      await rm(home.masterKeyFile);
      const without = open(folder).store;
      await expect(said(without, id)).rejects.toMatchObject({
        code: 'master_key_missing',
        message: expect.stringContaining('engineer.jsonl'),
      });
      await expect(without.journal(id, 'engineer').lease(2, holder)).rejects.toMatchObject({
        kind: 'environment',
      });
      await expect(access(home.masterKeyFile)).rejects.toThrow();
      expect(await readFile(journal)).toEqual(before);
    }));

  it('refuses a line that was edited, and one that was moved from another project or persona', () =>
    withFolder(async (folder) => {
      const { store } = open(folder);
      const [one, two] = [await project(store), await project(store)];
      for (const each of [one, two]) await say(store, each.id, 1, each.id);
      const [mine, theirs] = await Promise.all([one, two].map(({ journal }) => readFile(journal, 'utf8')));
      if (mine === undefined || theirs === undefined) throw new Error('no journals');
      const readWith = async (text: string, file = one.journal) => {
        await writeFile(file, text);
        return said(open(folder).store, one.id).catch((thrown: unknown) => thrown);
      };
      const lines = mine.split('\n');
      const edited = lines.with(
        1,
        // Not the last character: some of its bits may stand for nothing.
        (lines[1] ?? '').replace(/.(?=."\}$)/, (last) => (last === 'A' ? 'B' : 'A')),
      );
      const flipped = lines.with(
        1,
        (lines[1] ?? '').replace(
          /(\..{20})(.)/,
          (_, before: string, last: string) => before + (last === 'A' ? 'B' : 'A'),
        ),
      );
      for (const changed of [edited, flipped]) {
        const error = await readWith(changed.join('\n'));
        expect(error).toMatchObject({ kind: 'environment', message: expect.stringContaining('line 2') });
      }
      expect(await readWith(lines.with(1, theirs.split('\n')[1] ?? '').join('\n'))).toMatchObject({
        code: 'state_unreadable',
        message: expect.stringContaining('moved here from another file'),
      });
      const elsewhere = join(store.projectFolder(one.id), 'agents', 'tester.jsonl');
      await writeFile(elsewhere, mine);
      await expect(open(folder).store.journal(one.id, 'tester').entries()).rejects.toMatchObject({
        code: 'private_unreadable',
      });
    }));
});

describe('gate reports with privacy.encrypt', () => {
  it('hold neither texts and names of tests nor what old tests printed in clear', () =>
    withFolder(async (folder) => {
      const { store } = open(folder);
      const { id } = await project(store);
      const figures = { passed: 0, failed: 1, skipped: 0, total: 1 };
      const names = { failures: [WORD], newFailures: [WORD], knownFailures: [WORD] };
      const sample = sampleReport(id, 'one', new Date());
      const report = {
        ...sample,
        checks: sample.checks.map((check) => ({
          ...check,
          tests: { runner: 'pytest', ...figures, ...names },
          flaky: [WORD],
        })),
        objections: [WORD],
        weakenings: [{ kind: 'deleted' as const, path: 'a.test.js', count: 1, tests: [WORD], allowed: null }],
        seenRed: {
          key: 'k',
          run: { passed: false, failed: [WORD] },
          files: [{ path: 'a.test.js', outcome: 'seen red' as const, tests: [{ name: WORD, red: true }] }],
        },
        control: { key: 'k', files: 1, objections: [WORD] },
        changedTests: [{ path: 'a.test.js', tests: [WORD], by: 'task' as const, before: WORD, after: WORD }],
        oldTestsOutput: WORD,
      };
      await store.gates(id).save(report);
      const raw = await readFile(join(store.projectFolder(id), 'gates', 'one.yaml'), 'utf8');
      expect(raw).not.toContain(WORD);
      expect(await open(folder).store.gates(id).list()).toMatchObject([report]);
    }));
});

describe('outputs with privacy.encrypt', () => {
  it('are encrypted when their command has ended, and read under the name that they got', () =>
    withFolder(async (folder) => {
      const { store, run } = open(folder);
      const { id } = await project(store);
      const { relative } = await run(id, WORD.repeat(100_000));
      const names = await readdir(join(store.projectFolder(id), 'output'));
      expect(names).toEqual([`${relative.slice('output/'.length)}.enc`]);
      const raw = await readFile(join(store.projectFolder(id), `${relative}.enc`));
      expect(raw.includes(WORD)).toBe(false);
      expect(await store.readOutput(id, relative)).toBe(WORD.repeat(100_000));
      expect(await open(folder, false).store.readOutput(id, relative)).toBe(WORD.repeat(100_000));
    }));

  it('without it stay as they are, and empty ones too', () =>
    withFolder(async (folder) => {
      const off = open(folder, false);
      const { id } = await project(off.store);
      const clear = await off.run(id, WORD);
      expect(await readFile(clear.file, 'utf8')).toBe(WORD);
      const on = open(folder);
      expect(await on.store.readOutput(id, clear.relative)).toBe(WORD);
      expect(await readFile((await on.run(id, '')).file, 'utf8')).toBe('');
    }));

  it('left in clear by a worker that died are encrypted at the next look, but not while a command may write', () =>
    withFolder(async (folder) => {
      const { store } = open(folder);
      const { id } = await project(store);
      const output = join(store.projectFolder(id), 'output');
      const [old, young] = [await store.newOutput(id, 'old'), await store.newOutput(id, 'young')];
      const asides = ['tmp', 'gone'].map((end) => join(output, `.x.log.${'0'.repeat(16)}.${end}`));
      for (const file of [old.file, young.file, ...asides]) await writeFile(file, WORD);
      const past = new Date(Date.now() - 2 * 60 * 60 * 1_000);
      for (const file of [old.file, ...asides]) await utimes(file, past, past);
      await store.newOutput(id, 'next');
      const names = async () =>
        (await readdir(output)).map((name) => name.replace(/^\S+-(old|young)-.{8}/, '$1'));
      expect((await names()).sort()).toEqual(['old.log.enc', 'young.log']);
      await store.encryptOutputs(id);
      expect((await names()).sort()).toEqual(['old.log.enc', 'young.log.enc']);
      for (const { relative } of [old, young]) expect(await store.readOutput(id, relative)).toBe(WORD);
    }));

  it('that another project shares are not wiped under it', () =>
    withFolder(async (folder) => {
      const { store } = open(folder);
      const { id } = await project(store);
      const { file, relative } = await store.newOutput(id, 'shared');
      await writeFile(file, WORD);
      await link(file, join(folder, 'of-a-child.log'));
      await store.encryptOutputs(id);
      expect(await readFile(join(folder, 'of-a-child.log'), 'utf8')).toBe(WORD);
      expect(await store.readOutput(id, relative)).toBe(WORD);
    }));

  it('edited or under another name are refused', () =>
    withFolder(async (folder) => {
      const { store, run } = open(folder);
      const { id } = await project(store);
      const [one, two] = [await run(id, 'one'), await run(id, 'two')];
      const bytes = await readFile(`${one.file}.enc`);
      await writeFile(`${two.file}.enc`, bytes);
      await expect(store.readOutput(id, two.relative)).rejects.toMatchObject({ code: 'private_unreadable' });
      for (const cut of [bytes.subarray(0, 20), bytes.subarray(0, -1), Buffer.from(bytes).fill(7, 40, 42)]) {
        await writeFile(`${one.file}.enc`, cut);
        await expect(store.readOutput(id, one.relative)).rejects.toMatchObject({ kind: 'environment' });
      }
    }));
});

describe('a child project with privacy.encrypt', () => {
  it('reads what it has of its parent, goes on with it, and gives its outputs back', () =>
    withFolder(async (folder) => {
      const { store, run } = open(folder);
      const parent = await project(store);
      await say(store, parent.id, 1, WORD);
      const { relative } = await run(parent.id, WORD);
      const child = sampleProject({ parentProjectId: parent.id });
      const finance = sampleFinance(child.id);
      const tasks = { schemaVersion: 1 as const, version: 0, projectId: child.id, tasks: [] };
      const agents = [sampleAgent(child.id)];
      await store.createChild(parent.id, { project: child, agents, finance, tasks, reports: [] });
      await say(store, child.id, 2, 'of the child');
      expect(await said(open(folder).store, child.id)).toEqual([WORD, 'of the child']);
      expect(await said(store, parent.id)).toEqual([WORD]);
      expect(await store.readOutput(child.id, relative)).toBe(WORD);
      const theirs = await run(child.id, 'evidence');
      await store.shareOutputs(child.id, parent.id);
      await rm(store.projectFolder(child.id), { recursive: true });
      expect(await store.readOutput(parent.id, theirs.relative)).toBe('evidence');
    }));
});

async function readdirOf(folder: string, id: string): Promise<string[]> {
  const agents = join(folder, 'data', 'projects', id, 'agents');
  return (await readdir(agents)).filter((name) => name.endsWith('.jsonl')).map((name) => join(agents, name));
}
