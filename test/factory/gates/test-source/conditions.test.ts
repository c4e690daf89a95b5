import { describe, expect, it } from 'vitest';
import { findWeakenings } from '../../../../src/factory/gates/proof/test-changes.ts';
import { readTestFile } from '../../../../src/factory/gates/test-source/test-files.ts';
import { skipped } from './skipped.ts';

const words = { allowAll: false, owner: [] as string[], agents: [] as string[] };
const path = 'e2e/cart.spec.ts';
const test = "test('a', async ({ page }) => {\n  expect(f()).toBe(1);\n});\n";
const waiting = (condition: string) => test.replace('\n', `\n  ${condition}\n`);

describe('a condition under which a test of Playwright leaves itself out', () => {
  it.each([
    "test.skip(browserName === 'webkit', 'no drag');",
    "test.skip(\n    process.env.KIND === 'slow',\n    'too ' + 'slow',\n  );",
    "test.skip('webkit' === browserName, 'no drag');",
    'test.skip(isMobile);',
    'test.skip();',
  ])('is no test: %s', (condition) => {
    const [before, after] = [test, waiting(condition)].map((text) => readTestFile(path, text));
    expect(after).toEqual({ titles: ['a'], skips: 1, left: [['a']], hollow: [] });
    expect(skipped(path, null, waiting(condition))).toBe(0);
    expect(skipped(path, test, waiting(condition))).toBe(1);
    const files = [{ path, before: after ?? null, after: before ?? null }];
    expect(findWeakenings({ files }, words)).toEqual([]);
  });

  it('holds for its suite where it stands in none of its tests', () => {
    const suite = `test.describe('s', () => {\ntest.skip(({ browserName }) => browserName === 'webkit', 'no drag');\n${test}});\n`;
    expect(readTestFile(path, suite)).toMatchObject({ titles: ['a'], left: [['a']] });
  });

  it.each(["it.skip('a', () => expect(f()).toBe(1));", "it.skip('a');", "it.skip('a', handler);"])(
    'is none where a test is declared: %s',
    (text) => {
      expect(readTestFile(path, text)).toMatchObject({ titles: ['a'], skips: 1 });
    },
  );

  it('is none where a test with a computed title is declared', () => {
    for (const text of ['it.skip(name, handler);', 'it.skip(name, () => expect(f()).toBe(1));'])
      expect(readTestFile(path, text)).toMatchObject({ titles: [''], skips: 1 });
  });
});
