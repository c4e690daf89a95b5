import { deepStrictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';

/**
 * Packages that nearly every command or every worker loads, taken into the program. Each would be up to hundreds of files to
 * open.
 */
export const TAKEN_IN = [
  '@anthropic-ai/sdk',
  '@pydantic/genai-prices',
  'bullmq',
  'commander',
  'cron-parser',
  'execa',
  'fast-string-width',
  'ioredis',
  'lru-cache',
  'ms',
  'openai',
  'pino',
  'pino-roll',
  'semver',
  'yaml',
  'zod',
];
/** Of BullMQ's packages one is compiled for the machine; it is found beside the program, or done without. */
export const COMPILED = ['msgpackr-extract'];

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

/** BullMQ without what speaks to other servers than Redis: a third of it, which every process would read. */
const REDIS_ALONE = {
  name: 'redis-alone',
  setup({ onLoad }) {
    const others = /\/bullmq\/dist\/\w+\/(?:postgres\/index|classes\/valkey-glide-client)\.js$/;
    onLoad({ filter: others }, () => ({ contents: '' }));
  },
};

/** The list of prices as JSON in a text: V8 reads that several times as fast as thirty thousand lines of JavaScript. */
const PRICES_AS_JSON = {
  name: 'prices-as-json',
  setup({ onLoad }) {
    onLoad({ filter: /\/genai-prices\/dist\/index\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const [whole, head, list] = /^(const \w+ = )(\[\n[\s\S]*?\n\])(?=[,;])/.exec(source) ?? [];
      if (whole === undefined) throw new Error(`${path} does not begin with the list of prices any more`);
      const prices = runInThisContext(`(${list})`);
      const json = JSON.stringify(prices);
      deepStrictEqual(JSON.parse(json), prices);
      const contents = `${head}JSON.parse(${JSON.stringify(json)})${source.slice(whole.length)}`;
      return { contents, loader: 'js' };
    });
  },
};

/** What is made of packages that are taken in. */
export const PACKAGES = [FEW_DATES, REDIS_ALONE, PRICES_AS_JSON];
