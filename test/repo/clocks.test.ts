import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** What is read off a clock, held against a limit: red on a busy machine. `npm run bench` measures instead. */
const TIMED = /expect\([^;]*(?:performance\.now|Date\.now)\(\)[^;]*\)\s*\.toBeLess/;

it('no test asserts that something took less than a time', () => {
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((name) => TIMED.test(readFileSync(`test/${name}`, 'utf8')))).toEqual([]);
});
