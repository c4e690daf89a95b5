import { describe, expect, it } from 'vitest';
import { readEntries } from '../../../src/factory/backlog/backlog-file.ts';
import { resolveReferences, sortByReferences } from '../../../src/factory/backlog/references.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import { parseBacklog } from '../../../src/state/backlog-text.ts';

const read = (text: string) => readEntries(parseBacklog(text, 'night.yaml'));
const lines = (text: string) => read(text).faults.map(({ line, message }) => `${line} ${message}`);

/** The state knows one project by its name. */
const state = {
  async resolveProject(reference: string) {
    if (reference === 'there') return 'id-of-there';
    throw new DarkFactoryError('not_found', 'project_not_found', reference, '');
  },
};
const sorted = async (text: string) => {
  const { entries } = read(text);
  const { before, faults } = await resolveReferences(state, entries);
  const { order, faults: circles } = sortByReferences(entries, before);
  return { before, order, faults: [...faults, ...circles].map(({ line, message }) => `${line} ${message}`) };
};

describe('a file of projects', () => {
  it('is YAML or JSON, and each project has what the defaults give', () => {
    const yaml =
      'defaults: { budget: 5, persona: "engineer,tester" }\nprojects:\n  - { name: a, description: A }\n';
    const json = JSON.stringify(
      { projects: [{ name: 'a', description: 'A', maxRuntime: '2h' }] },
      null,
      '\t',
    );
    expect(read(yaml).entries[0]?.order).toMatchObject({ name: 'a', budget: 5, persona: 'engineer,tester' });
    expect(read(json).entries[0]?.order).toMatchObject({ maxRuntime: 7_200_000 });
  });

  it('takes false and null for no check, and a project may say otherwise than the defaults', () => {
    const text =
      'defaults: { lint: false, budget: 1 }\nprojects:\n  - { name: a, description: A, format: null, budget: 2 }\n';
    expect(read(text).entries[0]?.order).toMatchObject({ lint: null, format: null, budget: 2 });
  });

  it('names every fault with its line', () => {
    const text = [
      'defaults:',
      '  buget: 5',
      'projects:',
      '  - name: a',
      '    description: A',
      '    priority: 6',
      '  - name: a2',
      '  - just words',
      '  - { name: b, description: B, colour: red, maxRuntime: soon }',
      '  - { name: c, description: C }',
      '  - { name: c, description: C }',
    ].join('\n');
    expect(lines(text)).toEqual([
      '2 there is no "buget"',
      expect.stringMatching(/^6 a: priority: /),
      expect.stringMatching(/^7 a2: description: /),
      expect.stringMatching(/^8 project 3 is not an object/),
      expect.stringMatching(/^9 b: maxRuntime: "soon" is no duration/),
      '9 b: there is no "colour"',
      '11 c: line 10 has this name already',
    ]);
  });

  it.each([
    ['maxRuntime: 8', /^1 a: maxRuntime: 8 would be milliseconds; write a number and its unit, such as 8h/],
    ['maxRuntime: 28800', /^1 a: maxRuntime: 28800 would be milliseconds/],
    ['maxRuntime: 0', /^1 a: maxRuntime: 0 /],
    ['budget: 0', /^1 a: budget: .*above zero/],
    ['budget: 1e-12', /^1 a: budget: .*above zero/],
  ])(
    'with %s, which nobody means, is at fault, also when a project has it from the defaults',
    (said, words) => {
      expect(lines(`projects: [{ name: a, description: A, ${said} }]`)).toEqual([
        expect.stringMatching(words),
      ]);
      expect(lines(`defaults: { ${said} }\nprojects: [{ name: a, description: A }]`)).toHaveLength(1);
    },
  );

  it('may give milliseconds, a text with its unit, and a budget of cents', () => {
    const orders = ['maxRuntime: 60000', 'maxRuntime: 30s', 'maxRuntime: 8 h', 'budget: 0.01'].map(
      (said) => read(`projects: [{ name: a, description: A, ${said} }]`).entries[0]?.order,
    );
    expect(orders).toMatchObject([
      { maxRuntime: 60_000 },
      { maxRuntime: 30_000 },
      { maxRuntime: 28800_000 },
      { budget: 0.01 },
    ]);
  });

  it.each([
    ['', /projects|object/],
    ['[]', /object/],
    ['projects: []', />=1/],
    ['projects: {}', /array/],
  ])('%j is none', (text, words) => {
    expect(lines(text).join()).toMatch(words);
  });

  it('that is no YAML is refused with the line, and one with aliases too', () => {
    expect(() => read('projects:\n  - {name: a')).toThrow(/line/);
    expect(() => read('projects: &x\n  - *x')).toThrow(/anchors/);
  });
});

describe('projects that come after others', () => {
  const text = (...projects: string[]) =>
    `projects:\n${projects.map((each) => `  - { description: D, ${each} }`).join('\n')}\n`;

  it('are named within the file or among those that are there, in any order', async () => {
    const { before, order, faults } = await sorted(
      text('name: a, after: [c, there]', 'name: b, on: a', 'name: c'),
    );
    expect(faults).toEqual([]);
    expect(before).toEqual([{ after: [2, 'id-of-there'] }, { after: [0], on: 0 }, { after: [] }]);
    expect(order).toEqual([2, 0, 1]);
  });

  it('that nobody knows are faults with their lines', async () => {
    const { faults } = await sorted(text('name: a, after: nobody', 'name: b, on: neither'));
    expect(faults).toEqual([
      expect.stringMatching(/^2 a: after: .*"nobody"/),
      expect.stringMatching(/^3 b: on: /),
    ]);
  });

  it('and wait for each other are a fault once for each circle', async () => {
    const { faults } = await sorted(
      text(
        'name: a, after: b',
        'name: b, on: c',
        'name: c, after: a',
        'name: d, after: d',
        'name: e, after: a',
      ),
    );
    expect(faults).toHaveLength(2);
    expect(faults[0]).toMatch(/a → b → c → a: each waits for the next/);
    expect(faults[1]).toMatch(/d → d/);
  });

  it('may be a chain of a thousand', async () => {
    const chain = Array.from({ length: 1_000 }, (_, index) => `name: p${index}, after: p${index + 1}`);
    const { order, faults } = await sorted(text(...chain, 'name: p1000'));
    expect(faults).toEqual([]);
    expect(order.slice(0, 2)).toEqual([1_000, 999]);
  });
});
