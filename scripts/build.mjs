/**
 * Builds `dist` from `src`: the program as a few dozen modules, not hundreds, since a command that takes a tenth of a second
 * would spend as long again in finding and opening files. What a command does not need stands in modules of its own, loaded
 * when asked for. Types are checked apart (`npm run types`).
 *
 * Chunks of earlier builds stay until `npm run clean`: a worker that runs while somebody builds still loads its own.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Packages that nearly every command or every worker loads, taken into the program. Each would be up to hundreds of files to
 * open.
 */
const TAKEN_IN = ['bullmq', 'cli-table3', 'commander', 'ioredis', 'ms', 'pino', 'pino-roll', 'yaml', 'zod'];
/** Of BullMQ's packages one is compiled for the machine; it is found beside the program, or done without. */
const COMPILED = ['msgpackr-extract'];

/** Of the three hundred functions of date-fns, those that pino-roll calls. */
const FEW_DATES = {
  name: 'few-dates',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^date-fns$/ }, ({ resolveDir }) => ({ path: resolveDir, namespace: 'few-dates' }));
    onLoad({ filter: /.*/, namespace: 'few-dates' }, ({ path }) => ({
      contents: ['addDays', 'addHours', 'format', 'isValid', 'parse']
        .map((name) => `export { ${name} } from 'date-fns/${name}';`)
        .join('\n'),
      resolveDir: path,
    }));
  },
};

/**
 * Makes of the program a script for the shell, too, that starts it on Node or, where there is none, on Bun. For JavaScript
 * the second line is a text and a comment.
 */
const LAUNCHER = [
  '#!/bin/sh',
  `':' //; for each in node bun; do command -v "$each" > /dev/null && DF_CALLED_AS=$0 exec "$each" "$0" "$@"; done; echo 'error: Neither Node.js nor Bun is on the PATH. Install Node.js: https://nodejs.org' >&2; exit 4`,
  '',
].join('\n');

const { dependencies, engines } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const external = Object.keys(dependencies).filter((name) => !TAKEN_IN.includes(name));

await build({
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  entryPoints: ['src/bin/df.ts'],
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: `node${engines.node.replace(/[^\d.]/g, '')}`,
  external: [...external.flatMap((name) => [name, `${name}/*`]), ...COMPILED],
  plugins: [FEW_DATES],
  // Packages in CommonJS that were taken in still ask for modules of Node in their own way.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  logLevel: 'warning',
});

const program = fileURLToPath(new URL('../dist/bin/df.js', import.meta.url));
writeFileSync(program, readFileSync(program, 'utf8').replace(/^#!.*\n/, LAUNCHER), { mode: 0o755 });
