import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

/** `A07` in the text of a test's name. */
const NUMBERED = /['"`][^'"`\n]*\bA\d{2,3}\b[^'"`\n]*/g;

async function rows(): Promise<{ number: string; tests: string[] }[]> {
  const text = await readFile('docs/faults.md', 'utf8');
  return [...text.matchAll(/^\| (A\d{2,3}) \|.*\|([^|]*)\|$/gm)].map(([, number = '', tests = '']) => ({
    number,
    tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => `test/${file}`),
  }));
}

describe('the table of faults and attacks', () => {
  it('names a test for every row, and each named file has one with that number', async () => {
    const listed = await rows();
    expect(listed.length).toBeGreaterThan(60);
    for (const { number, tests } of listed) {
      expect(tests, number).not.toEqual([]);
      for (const file of tests) {
        const names = (await readFile(file, 'utf8')).match(NUMBERED) ?? [];
        expect(
          names.some((name) => name.includes(number)),
          `${file} has no test named ${number}`,
        ).toBe(true);
      }
    }
  });

  it('knows every number that a test carries', async () => {
    const listed = new Set((await rows()).map(({ number }) => number));
    const files = (await readdir('test', { recursive: true })).filter((name) => name.endsWith('.test.ts'));
    for (const file of files.map((name) => `test/${name}`)) {
      const names = (await readFile(file, 'utf8')).match(NUMBERED) ?? [];
      for (const number of names.flatMap((name) => name.match(/\bA\d{2,3}\b/g) ?? []))
        expect(listed.has(number), `${file}: ${number}`).toBe(true);
    }
  });
});
