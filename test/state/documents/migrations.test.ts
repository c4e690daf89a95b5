import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { qualityReport } from '../../../src/factory/model/gates/gate-report.ts';
import { createDocument } from '../../../src/state/documents/document.ts';
import { encodeDocument } from '../../../src/state/documents/document-text.ts';
import { FORMS, type Forms, migrate } from '../../../src/state/documents/migrations.ts';
import { stringifyYaml } from '../../../src/state/documents/yaml.ts';
import { createLog } from '../../../src/state/logs/log-store.ts';
import { openStore, sampleAgent, sampleFinance, sampleProject } from '../samples.ts';
import { stateDeps, withFolder } from '../support.ts';

/** A program three forms on: form 2 renamed `items`, form 3 made them objects; other kinds stayed as they were. */
const LATER: Forms = {
  current: 3,
  steps: [
    { from: 1, change: { tasks: ({ items, ...rest }) => ({ ...rest, entries: items ?? [] }) } },
    {
      from: 2,
      change: {
        tasks: ({ entries, ...rest }) => ({
          ...rest,
          entries: z
            .array(z.string())
            .parse(entries)
            .map((name) => ({ name })),
        }),
      },
    },
  ],
  retired: { tasks: ['mood'] },
};
const laterSchema = z.object({
  schemaVersion: z.literal(3).default(3),
  version: z.number().default(0),
  entries: z.array(z.object({ name: z.string() })),
});
const open = (file: string) =>
  createDocument(stateDeps(), { file, schema: laterSchema, kind: 'tasks', forms: LATER });

describe.concurrent('a document of an older form', () => {
  it('is read in the present form and stays as it is until it is written', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'tasks.yaml');
      const before = encodeDocument(stringifyYaml({ schemaVersion: 1, version: 7, items: ['a', 'b'] }));
      await writeFile(file, before);
      expect(await open(file).get()).toEqual({
        schemaVersion: 3,
        version: 7,
        entries: [{ name: 'a' }, { name: 'b' }],
      });
      expect(await readFile(file)).toEqual(before);
      expect(await readdir(folder)).toEqual(['tasks.yaml']);
    }));

  it('is kept beside itself, whole and once, when it is first written', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'tasks.yaml');
      const before = encodeDocument(stringifyYaml({ schemaVersion: 1, version: 7, items: ['a'] }));
      await writeFile(file, before);
      const store = open(file);
      await store.update((now) => ({ ...now, entries: [...now.entries, { name: 'new' }] }));
      await store.update((now) => ({ ...now, entries: [] }));
      expect(await readFile(`${file}.v1.bak`)).toEqual(before);
      expect((await readdir(folder)).sort()).toEqual(['tasks.yaml', 'tasks.yaml.v1.bak']);
      expect(await open(file).get()).toEqual({ schemaVersion: 3, version: 9, entries: [] });

      await writeFile(
        file,
        encodeDocument(stringifyYaml({ schemaVersion: 1, version: 1, items: ['other'] })),
      );
      await open(file).update((now) => ({ ...now }));
      expect(await readFile(`${file}.v1.bak`)).toEqual(before);
    }));

  it('of a form in between takes only the steps from there on', () => {
    const value = { schemaVersion: 2, entries: ['x'], mood: 'good' };
    expect(migrate(LATER, 'tasks', value, 2)).toEqual({ schemaVersion: 3, entries: [{ name: 'x' }] });
    expect(migrate(LATER, 'project', { schemaVersion: 2, name: 'p' }, 2)).toEqual({
      schemaVersion: 3,
      name: 'p',
    });
  });

  it('the table has a step from every form before the present one', () => {
    expect(FORMS.steps.map(({ from }) => from)).toEqual(
      Array.from({ length: FORMS.current - 1 }, (_, index) => index + 1),
    );
  });

  it('project.yaml of the first weeks, with counters that are elsewhere now, is read and kept', () =>
    withFolder(async (folder) => {
      const { store, home } = openStore(folder);
      const project = sampleProject();
      await store.createProject(project, [sampleAgent(project.id)], sampleFinance(project.id));
      const file = join(home.projects, project.id, 'project.yaml');
      const early = encodeDocument(stringifyYaml({ ...project, gateRounds: 3, auditedCommit: 'abc' }));
      await writeFile(file, early);
      const { store: other } = openStore(folder);
      expect((await other.project(project.id).get()).name).toBe('sample');
      await other.project(project.id).update((now) => ({ ...now, started: true }));
      expect(await readFile(file, 'utf8')).not.toContain('gateRounds');
      expect(await readFile(`${file}.v1.bak`)).toEqual(early);
      expect((await other.listProjects()).unreadable).toEqual([]);
    }));
});

describe.concurrent('a document of a newer program', () => {
  it('with a higher form is refused by name, form and remedy, and stays as it is', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'tasks.yaml');
      const data = encodeDocument('schemaVersion: 4\nversion: 1\nentries: []\n');
      await writeFile(file, data);
      const error = await open(file)
        .update((now) => ({ ...now, entries: [] }))
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'state_newer',
        message: expect.stringMatching(/tasks\.yaml.*form 4.*up to 3/),
        hint: expect.stringContaining('Upgrade this program'),
      });
      expect(await readFile(file)).toEqual(data);
    }));

  it('with an entry of the same form that this one does not know is not read, so nothing of it is lost', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'tasks.yaml');
      const data = encodeDocument('schemaVersion: 3\nversion: 1\nentries:\n- name: a\n  weight: 2\n');
      await writeFile(file, data);
      await expect(open(file).update((now) => ({ ...now, entries: [] }))).rejects.toMatchObject({
        code: 'state_newer',
        message: expect.stringContaining('entries.0.weight'),
      });
      expect(await readFile(file)).toEqual(data);
    }));

  it('what a careless writer hands over beside the schema is not written, so it is not taken for one', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'tasks.yaml');
      await writeFile(file, encodeDocument('schemaVersion: 3\nversion: 1\nentries: []\n'));
      const wider = { name: 'a', weight: 2 };
      await open(file).update((now) => ({ ...now, entries: [wider] }));
      expect((await open(file).get()).entries).toEqual([{ name: 'a' }]);
      expect(await readFile(file, 'utf8')).not.toContain('weight');
    }));

  it('a report of it is refused as well', () =>
    withFolder(async (folder) => {
      const { store, home } = openStore(folder);
      const project = sampleProject();
      await store.createProject(project, [], sampleFinance(project.id));
      expect(qualityReport.shape.schemaVersion.parse(undefined)).toBe(FORMS.current);
      const file = join(home.projects, project.id, 'gates', 'r.yaml');
      await writeFile(file, encodeDocument(`schemaVersion: ${FORMS.current + 1}\nid: r\n`));
      await expect(store.gates(project.id).list()).rejects.toMatchObject({ code: 'state_newer' });
    }));
});

describe.concurrent('a line of a newer program', () => {
  const schema = z.discriminatedUnion('type', [
    z.object({ type: z.literal('a'), n: z.number() }),
    z.object({ type: z.literal('b') }),
  ]);
  const reading = async (folder: string, line: string) => {
    const file = join(folder, 'x.jsonl');
    await writeFile(file, `{"type":"a","n":1}\n${line}\n`);
    return createLog(stateDeps(), { file, schema })
      .readAll()
      .catch((thrown: unknown) => thrown);
  };

  it('of an unknown type is neither dropped nor called damage: the error names file, line and type', () =>
    withFolder(async (folder) => {
      expect(await reading(folder, '{"type":"c"}')).toMatchObject({
        code: 'state_newer',
        message: expect.stringMatching(/x\.jsonl.*line 2.*\(c\)/),
      });
    }));

  it('of a higher form is refused, also when it would fit', () =>
    withFolder(async (folder) => {
      expect(await reading(folder, '{"v":2,"type":"b"}')).toMatchObject({
        code: 'state_newer',
        message: expect.stringMatching(/line 2 has form 2/),
      });
    }));

  it('with a field more is read without it; without a type it is damage', () =>
    withFolder(async (folder) => {
      expect(await reading(folder, '{"type":"b","more":true}')).toEqual([{ type: 'a', n: 1 }, { type: 'b' }]);
      expect(await reading(folder, '{"n":1}')).toMatchObject({ code: 'state_unreadable' });
      expect(await reading(folder, '{"type":"a","n":"x"}')).toMatchObject({ code: 'state_unreadable' });
    }));
});
