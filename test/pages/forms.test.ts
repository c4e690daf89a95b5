import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyOf, EMPTY } from '../../src/pages/new/answers.ts';
import { beginOf, eveningBefore, ticksBetween } from '../../src/pages/night/spans.ts';
import { difference } from '../../src/pages/personas/difference.ts';
import { readFields, writeFields } from '../../src/pages/personas/front-matter.ts';

const TEXT = `---
# who it is
name: engineer # its name
version: 1.0
acceptance_criteria:
  tests_pass: true
  custom_checks:
    - name: builds # really
      command: "npm run build"
---
# Words

---
no front matter: here
`;

describe('the form of a persona', () => {
  it('reads the fields of the text', () => {
    expect(readFields(TEXT)).toEqual({
      name: 'engineer',
      version: '1',
      description: '',
      tests_pass: true,
      lint_pass: false,
      format_pass: false,
      custom_checks: [{ name: 'builds', command: 'npm run build' }],
      ...{ model: '', effort: '', tools: [] },
    });
  });

  it('writes whose model works and with which tools, and takes out what is empty', () => {
    const routed = writeFields(TEXT, { model: 'small', effort: 'low', tools: ['bash', 'read_file'] });
    expect(readFields(routed)).toMatchObject({ model: 'small', effort: 'low', tools: ['bash', 'read_file'] });
    expect(writeFields(routed, { model: '', effort: '', tools: [] })).toBe(
      writeFields(TEXT, { name: 'engineer' }),
    );
  });

  it('writes one field and leaves all else, comments too, as it was', () => {
    const changed = writeFields(TEXT, { lint_pass: true, description: 'What: it "does"' });
    for (const line of TEXT.split('\n')) expect(changed).toContain(line);
    expect(readFields(changed)).toMatchObject({ lint_pass: true, description: 'What: it "does"' });
  });

  it('has nothing to show of a text without front matter that can be read, and does not touch it', () => {
    for (const text of ['', 'x', '---\nname: [\n---\nx', '---\nname: x\n'])
      expect([readFields(text), writeFields(text, { name: 'y' })]).toEqual([null, text]);
  });

  it('takes any words into its fields and gives them back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (words) => {
        expect(readFields(writeFields(TEXT, { description: words }))?.description).toBe(words);
      }),
    );
  });
});

it('a difference gives both texts back', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 20 })
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = difference(before, after);
      const without = (kind: string) =>
        lines
          .filter((each) => each.kind !== kind)
          .map((each) => each.text)
          .join('\n');
      expect([without('insert'), without('delete')]).toEqual([before, after]);
    }),
  );
});

it('a form sends what was filled in, and the server says what is wrong with it', () => {
  expect(bodyOf({ ...EMPTY, name: ' a ', budget: '$2.50', test: null, lint: 'make lint' })).toEqual({
    name: 'a',
    budget: 2.5,
    test: null,
    lint: 'make lint',
  });
  expect(bodyOf({ ...EMPTY, budget: 'much' })).toEqual({ budget: 'much' });
});

it('a look at the night begins as long ago as was chosen, whenever it is', () => {
  const now = new Date(2026, 2, 1, 7, 13);
  expect(beginOf('1', now)).toEqual(new Date(2026, 2, 1, 6, 13));
  expect(beginOf('1', new Date(2026, 2, 1, 8, 0))).toEqual(new Date(2026, 2, 1, 7, 0));
  expect(beginOf('evening', new Date(2026, 2, 2, 8, 0))).toEqual(new Date(2026, 2, 1, 18));
});

it('the night begins in the evening before, and its axis has few full hours', () => {
  const now = new Date(2026, 2, 1, 7, 13);
  expect(eveningBefore(now)).toEqual(new Date(2026, 1, 28, 18));
  for (const ms of [60_000, 3_600_000, 13 * 3_600_000, 72 * 3_600_000, 14 * 86_400_000]) {
    const ticks = ticksBetween(now.getTime() - ms, now.getTime());
    expect(ticks.length).toBeLessThanOrEqual(6);
    for (const at of ticks) expect(at).toBeLessThan(now.getTime());
  }
});
