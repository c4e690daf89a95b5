import { access, appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { journalEnd } from '../../../src/state/logs/open-lease.ts';
import { sampleReport } from '../samples.ts';
import { withFolder } from '../support.ts';
import { holder, open, project, said, say, WORD } from './privacy-support.ts';

describe.concurrent('a journal with privacy.encrypt', () => {
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
      expect(await journalEnd(journal, privacy)).toEqual({ lease: { epoch: 2, holder }, nextStep: 2 });
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

describe.concurrent('gate reports with privacy.encrypt', () => {
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

async function readdirOf(folder: string, id: string): Promise<string[]> {
  const agents = join(folder, 'data', 'projects', id, 'agents');
  return (await readdir(agents)).filter((name) => name.endsWith('.jsonl')).map((name) => join(agents, name));
}
