import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ASSETS = fileURLToPath(new URL('../../dist/pages/assets/', import.meta.url));
const INDEX = fileURLToPath(new URL('../../dist/pages/index.html', import.meta.url));
const MOST_BYTES = 200 * 1024;

/** Scripts that a script asks for before it runs. */
function needs(name: string, known = new Set<string>()): Set<string> {
  if (known.has(name)) return known;
  known.add(name);
  const text = readFileSync(`${ASSETS}${name}`, 'utf8');
  for (const [, other = ''] of text.matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g)) needs(other, known);
  return known;
}

/** Those that are loaded only when they are wanted. */
function wanted(name: string): string[] {
  const text = readFileSync(`${ASSETS}${name}`, 'utf8');
  return [...text.matchAll(/import\("\.\/([^"]+\.js)"\)/g)].map(([, other = '']) => other);
}

const weigh = (names: Iterable<string>) =>
  [...names].reduce((sum, name) => sum + readFileSync(`${ASSETS}${name}`).length, 0);

it('the first paint of each page takes less than 200 KB of script', () => {
  const main = /assets\/(main-[^"]+\.js)/.exec(readFileSync(INDEX, 'utf8'))?.[1] ?? '';
  const first = needs(main);
  const pages = [...first].flatMap(wanted);
  expect(pages.length).toBeGreaterThan(5);
  for (const page of pages) expect(weigh(new Set([...first, ...needs(page)])), page).toBeLessThan(MOST_BYTES);
  // The form of a persona as well; the editor of its text comes when the form is there.
  const editor = pages.flatMap(wanted).find((name) => name.startsWith('editor-')) ?? '';
  const personas = pages.find((name) => name.startsWith('personas-')) ?? '';
  expect(weigh(new Set([...first, ...needs(personas), ...needs(editor)]))).toBeLessThan(MOST_BYTES);
  expect(readdirSync(ASSETS).some((name) => name.startsWith('code-'))).toBe(true);
});
