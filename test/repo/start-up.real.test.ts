import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { makeHome } from '../support/home.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/bin/df.js', import.meta.url));
/** Says of each file that is loaded as a module which one it is. */
const HOOKS = `export async function load(url, context, next) {
  if (url.startsWith('file:')) process.stderr.write(url + '\\n');
  return next(url, context);
}`;
const TELLING = `import { register } from 'node:module'; register(${JSON.stringify(asUrl(HOOKS))});`;

/** Each file costs about half a millisecond to find, open and link; counted, since times differ from machine to machine. */
it.each([
  ['--help', 1],
  ['list', 33],
])('df %s loads at most %d files', async (command, most) => {
  const home = await makeHome();
  onTestFinished(() => home.cleanup());
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', asUrl(TELLING), PROGRAM, command],
    { env: { PATH: process.env['PATH'] ?? '', HOME: home.home, DF_HOME: home.home } },
  );
  expect(stdout).toMatch(/df /);
  const files = stderr.match(/^file:.*$/gm) ?? [];
  expect(files.length).toBeGreaterThan(0);
  expect(files.length, stderr).toBeLessThanOrEqual(most);
});

function asUrl(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}
