/**
 * Builds the pages: `dist/pages` with an `index.html` that names its script and style by their content, so that a page that is
 * open while somebody builds still finds its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** @param top the repository's top folder */
export async function buildPages(top) {
  const outdir = join(top, 'dist/pages');
  const common = {
    absWorkingDir: top,
    outdir: join(outdir, 'assets'),
    bundle: true,
    minify: true,
    platform: 'browser',
    target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'linked',
    metafile: true,
    logLevel: 'warning',
  };
  const results = await Promise.all([
    build({
      ...common,
      entryPoints: ['src/pages/main.tsx', 'src/pages/style.css'],
      splitting: true,
      format: 'esm',
    }),
    // No module: not every browser takes one for a worker that tabs share.
    build({ ...common, entryPoints: ['src/pages/live-worker.ts'], format: 'iife' }),
  ]);
  const outputs = results.flatMap(({ metafile }) => Object.entries(metafile.outputs));
  const made = (entry) => basename(outputs.find(([, { entryPoint }]) => entryPoint === entry)?.[0] ?? '');
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dark Factory</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/${made('src/pages/style.css')}">
<script type="module" src="/assets/${made('src/pages/main.tsx')}"></script>
</head>
<body>
<div id="app" data-live="/assets/${made('src/pages/live-worker.ts')}"></div>
<noscript>These pages need JavaScript. The same is shown by <code>df list</code>, <code>df status</code> and <code>df report</code>.</noscript>
</body>
</html>
`;
  mkdirSync(outdir, { recursive: true });
  writeFileSync(join(outdir, 'index.html'), html);
}
