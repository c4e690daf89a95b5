/**
 * Builds `dist` from `src`: the program as a few dozen modules, not hundreds, since a command that takes a tenth of a second
 * would spend as long again in finding and opening files. What a command does not need stands in modules of its own, loaded
 * when asked for. Types are checked apart (`npm run types`).
 *
 * Chunks of earlier builds stay until `npm run clean`: a worker that runs while somebody builds still loads its own.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Packages that nearly every command loads, taken into the program. Each would be up to a hundred files to open. */
const TAKEN_IN = ['cli-table3', 'commander', 'ms', 'yaml', 'zod'];

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
  external: external.flatMap((name) => [name, `${name}/*`]),
  // Packages in CommonJS that were taken in still ask for modules of Node in their own way.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  logLevel: 'warning',
});
