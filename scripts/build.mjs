/**
 * Builds `dist` from `src`: the program as a few dozen modules, not hundreds, since a command that takes a tenth of a second
 * would spend as long again in finding and opening files. What a command does not need stands in modules of its own, loaded
 * when asked for. Types are checked apart (`npm run types`); those of the library are written to `dist/types`.
 *
 * Chunks of earlier builds stay until `npm run clean`: a worker that runs while somebody builds still loads its own.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { COMPILED, PACKAGES, TAKEN_IN } from './build-packages.mjs';
import { buildPages } from './build-pages.mjs';

/**
 * What runs before the command is known, and before that the help, stand in one module each with all that they import, though
 * other modules have some of it too: every further file to find and open would be seen in the time of `df --help`. To be free of
 * state, therefore.
 */
const BEFORE_COMMANDS = {
  name: 'before-commands',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^\.{1,2}\// }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      const own = /\/src\/bin\/(?:df|start)\.ts$/.test(importer) ? importer : pluginData?.within;
      if (kind !== 'import-statement' || own === undefined || pluginData?.asked) return undefined;
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: { asked: true } });
      return { ...found, suffix: `?${basename(own, '.ts')}` };
    });
    onLoad({ filter: /\.ts$/ }, ({ path, suffix }) =>
      suffix === ''
        ? undefined
        : { contents: readFileSync(path), loader: 'ts', pluginData: { within: suffix.slice(1) } },
    );
  },
};

/**
 * Has all that is loaded when asked for load the composition root with it, which nearly all of it needs anyway. esbuild puts
 * modules together that the same entries need: so they come in one file, not in fifty that would each be found and opened.
 */
const COMMON = {
  name: 'common',
  setup({ onLoad }) {
    const sources = join(top, 'src');
    const asked = new Set(
      readdirSync(sources, { recursive: true })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(sources, name))
        .flatMap((file) =>
          [...readFileSync(file, 'utf8').matchAll(/import\(\s*'(\.[^']+\.ts)'/g)].map(([, name]) =>
            join(dirname(file), name),
          ),
        ),
    );
    // These are asked for by a name that is put together.
    const processors = join(sources, 'workers/processors');
    for (const name of readdirSync(processors)) asked.add(join(processors, name));
    for (const name of ['bin/start.ts', 'producers/cli/framework/program.ts'])
      asked.delete(join(sources, name));
    const root = JSON.stringify(join(sources, 'services.ts'));
    onLoad({ filter: /\.ts$/ }, ({ path }) =>
      asked.has(path)
        ? { contents: `${readFileSync(path, 'utf8')}\nimport ${root};`, loader: 'ts' }
        : undefined,
    );
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

const top = fileURLToPath(new URL('..', import.meta.url));
const others = [writeTypes(), buildPages(top)];

await build({
  absWorkingDir: top,
  // One folder for both: what is shipped beside the program is found from there.
  entryPoints: [
    { in: 'src/bin/df.ts', out: 'df' },
    { in: 'src/index.ts', out: 'index' },
  ],
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: `node${engines.node.replace(/[^\d.]/g, '')}`,
  external: [...external.flatMap((name) => [name, `${name}/*`]), ...COMPILED],
  plugins: [...PACKAGES, BEFORE_COMMANDS, COMMON],
  // Packages in CommonJS that were taken in still ask for modules of Node in their own way.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  logLevel: 'warning',
});

const program = join(top, 'dist/bin/df.js');
const text = readFileSync(program, 'utf8')
  .replace(/^#!.*\n/, LAUNCHER)
  // All that it needs stands in it, and every module that begins with these is loaded later.
  .replace(/^import (?:"\.\/chunk-\w+\.js"|\{ createRequire as requireFrom \}.*);\n/gm, '');
writeFileSync(program, text, { mode: 0o755 });
await Promise.all(others);

/** The declarations of the library's entry and of what it names, and of nothing else. */
async function writeTypes() {
  const made = mkdtempSync(join(tmpdir(), 'df-types-'));
  try {
    const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
    const config = join(made, 'tsconfig.json');
    const compilerOptions = {
      ...{ noEmit: false, noCheck: true, declaration: true, emitDeclarationOnly: true },
      ...{ outDir: made, rootDir: top, typeRoots: [join(top, 'node_modules/@types')] },
    };
    const files = [join(top, 'src/index.ts')];
    writeFileSync(
      config,
      JSON.stringify({ extends: join(top, 'tsconfig.json'), compilerOptions, files, include: [] }),
    );
    await promisify(execFile)(process.execPath, [join(typescript, 'bin/tsc'), '-p', config]);
    const target = join(top, 'dist/types');
    rmSync(target, { recursive: true, force: true });
    const sources = join(made, 'src');
    for (const file of reached(join(sources, 'index.d.ts')))
      cpSync(file, join(target, relative(sources, file)));
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** A declaration and all that it names, in files of ours. */
function reached(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.ts['"]/g))
    reached(join(dirname(file), `${name}.d.ts`), seen);
  return seen;
}
