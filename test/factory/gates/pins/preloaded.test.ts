import { describe, expect, it } from 'vitest';
import { namedFiles } from '../../../../src/factory/gates/pins/named-files.ts';

const named = async (files: Record<string, string>, command = 'npm test', added: string[] = []) => {
  const base = new Set(Object.keys(files));
  const now = new Set([...base, ...added]);
  const { settings } = await namedFiles([command], { base, now, read: async (path) => files[path] ?? null });
  return [...settings].filter((path) => path !== 'package.json').sort();
};

describe('what is loaded before the tests', () => {
  it.each([
    ['vitest.config.ts', "export default { test: { setupFiles: ['./src/setup.ts'] } };", 'src/setup.ts'],
    ['vitest.config.ts', "export default { test: { setupFiles: './src/setup' } };", 'src/setup.tsx'],
    ['web/vite.config.ts', "export default { test: { globalSetup: 'src/global.ts' } };", 'web/src/global.ts'],
    [
      'jest.config.js',
      "module.exports = { setupFilesAfterEnv: ['<rootDir>/src/setup.js'] };",
      'src/setup.js',
    ],
    [
      'jest.config.js',
      "module.exports = { globalTeardown: path.resolve(__dirname, 'src/down.js') };",
      'src/down.js',
    ],
    [
      'playwright.config.ts',
      "export default { globalSetup: require.resolve('./src/global') };",
      'src/global.ts',
    ],
    ['package.json', '{"jest":{"setupFiles":["./src/setup.js"]}}', 'src/setup.js'],
    ['package.json', '{"mocha":{"require":["./src/setup.js"]}}', 'src/setup.js'],
    ['web/package.json', '{"ava":{"require":["./src/setup.js"]}}', 'web/src/setup.js'],
    ['.mocharc.json', '{"file":"./src/first.js"}', 'src/first.js'],
    ['.mocharc.yml', 'require:\n  - ./src/setup.js # first\n  - ts-node/register\n', 'src/setup.js'],
    ['.mocharc.yml', 'file: src/first.js\n', 'src/first.js'],
    ['.env.test', 'NODE_OPTIONS="--import ./src/hooks.mjs"\n', 'src/hooks.mjs'],
    ['pytest.ini', '[pytest]\naddopts =\n    -q\n    -p src.plugin\n', 'src/plugin.py'],
    ['pyproject.toml', '[tool.pytest.ini_options]\naddopts = ["-q", "-p", "src.plugin"]\n', 'src/plugin.py'],
  ])('is a setting also where it lies in the product: %s %s', async (path, text, loaded) => {
    expect(await named({ [path]: text, [loaded]: '', 'src/other.js': '' })).toEqual([loaded]);
  });

  it('A143 preloaded: is a setting behind the command of the tests', async () => {
    const files = { 'src/setup.mjs': '', 'src/plugin.py': '' };
    expect(await named(files, 'node --import ./src/setup.mjs --test')).toEqual(['src/setup.mjs']);
    expect(await named(files, 'python3 -m pytest -p src.plugin')).toEqual(['src/plugin.py']);
  });

  it.each([
    [
      'vitest.config.ts',
      "import { a } from './src/setup';\nexport default { a, alias: { b: './src/setup' } };",
    ],
    ['jest.config.js', "const a = require('./src/setup');\nmodule.exports = { a };"],
    ['.mocharc.cjs', "const a = require('./src/setup');\nmodule.exports = { a };"],
    ['package.json', '{"files":["src/setup.js"],"imports":{"#a":"./src/setup.js"},"file":"src/setup.js"}'],
    ['jest.config.json', '{"setupFiles":"./other.js","moduleNameMapper":{"a":"./src/setup.js"}}'],
    ['Makefile', 'dist:\n\tcp -r src/setup.js dist\n'],
  ])('is nothing that is only named otherwise: %s %s', async (path, text) => {
    expect(await named({ [path]: text, 'src/setup.js': '' })).toEqual([]);
  });

  it.each(["import './polyfills';", "import '@/polyfills';", "const a = require('./polyfills.js');"])(
    'is the product where its code loads it as well: %s',
    async (text) => {
      const files = { 'jest.config.js': "module.exports = { setupFiles: ['./src/polyfills.js'] };" };
      expect(await named({ ...files, 'src/polyfills.js': '', 'src/index.js': text })).toEqual([]);
      expect(await named({ ...files, 'src/polyfills.js': '', 'src/index.js': '' })).toEqual([
        'src/polyfills.js',
      ]);
    },
  );

  it('is the product where a package.json names what its code at the top loads', async () => {
    const files = { 'package.json': '{"jest":{"setupFiles":["./env.js"]}}', 'env.js': '' };
    expect(await named({ ...files, 'server.js': "require('./env');" })).toEqual([]);
    expect(await named({ ...files, 'jest.config.js': "require('./env');" })).toEqual(['env.js']);
  });

  it('is a setting also where the base commit has no such file', async () => {
    const files = { 'jest.config.js': "module.exports = { setupFiles: ['./src/late.js'] };" };
    expect(await named(files, 'npm test', ['src/late.js'])).toEqual(['src/late.js']);
  });
});

describe('what a configuration loads itself', () => {
  const config = (...modules: string[]) => modules.map((each) => `import '${each}';\n`).join('');

  it('is the product where its code loads it as well, with all that it loads', async () => {
    const files = {
      'web/vite.config.ts': "export default { context: () => import('./server/context') };",
      'web/server/context.ts':
        "import type { Env } from './router';\nimport { add } from './add';\nimport { sub } from './sub';",
      'web/server/add.ts': '',
      'web/server/sub.ts': '',
    };
    const router = { 'web/server/router.ts': "export { context } from './context';" };
    expect(await named({ ...files, ...router })).toEqual([]);
    // By whom types alone are taken, or tests and programs that build, nothing is said.
    for (const [path, from] of [
      ['web/server/router.ts', './context'],
      ['web/test/context.test.ts', '../server/context'],
      ['web/scripts/build.ts', '../server/context'],
      ['web/webpack.prod.js', './server/context'],
      ['web/other.config.ts', './server/context'],
    ] as const) {
      const text = path.includes('router') ? `import type { A } from '${from}';` : config(from);
      expect(await named({ ...files, [path]: text })).toEqual([
        'web/server/add.ts',
        'web/server/context.ts',
        'web/server/sub.ts',
      ]);
    }
  });

  it.each([
    [config('./shared/a', './shared/b'), config('./shared/b')],
    [config('./shared/b', './shared/a'), config('./shared/b')],
    [config('./shared/a'), config('./b')],
  ])('is a setting where only other such modules load it: %j', async (first, second) => {
    const files = {
      'vitest.config.ts': first,
      'vite.config.ts': second,
      'shared/a.ts': config('./b'),
      'shared/b.ts': '',
    };
    expect(await named({ ...files, 'server/index.ts': config('./other') })).toEqual([
      'shared/a.ts',
      'shared/b.ts',
    ]);
  });

  it('is a setting where it is no module of the product by its name, whoever loads it', async () => {
    const files = { 'vite.config.ts': config('./vitest.config', './data.json', './a') };
    const others = { 'vitest.config.ts': config('./c'), 'data.json': '', 'a.ts': '', 'c.ts': '' };
    const index = { 'index.ts': config('./a', './data.json') };
    expect(await named({ ...files, ...others, ...index })).toEqual(['c.ts', 'data.json', 'vitest.config.ts']);
  });
});
