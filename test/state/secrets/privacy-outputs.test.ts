import { link, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleAgent, sampleFinance, sampleProject } from '../samples.ts';
import { withFolder } from '../support.ts';
import { open, project, said, say, WORD } from './privacy-support.ts';

describe.concurrent('outputs with privacy.encrypt', () => {
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

describe.concurrent('a child project with privacy.encrypt', () => {
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
