import { posix } from 'node:path';
import { readAhead } from '../../../lib/async/read-ahead.ts';
import { parseObject } from '../../../lib/record.ts';
import { literal } from '../../../lib/text/literal.ts';
import { javascriptModules, mayMean, mayMeanInPython, pythonModules } from '../ecosystems/modules.ts';
import { isDefinitionOfBase, nameOf } from '../pins/definitions.ts';
import { productsOf } from '../pins/named-files.ts';
import { isTestPath, isTestsAlone } from '../test-source/test-files.ts';

/*
 * Code that lies beside the product: measurements, examples, tools and fixtures of a repository. Nobody asks there whether it touches
 * what judges the work, unless the product loads it: then it is code of the product in another folder.
 */

const BESIDE =
  /(^|\/)(bench(marks?|es)?|perf|examples?|fixtures?|docs?|scripts?|tools?)\/|[._](bench|benchmark|stories|story|setup)\.\w+$/;
/** What loads such files for tests, and for looking at parts of a page. */
const FOR_TESTS = /(^|\/)\.|\.config\.\w+$|(^|\/)(?:set-?up|cypress)(?:[A-Z._/-]|$)/;
const JAVASCRIPT = /\.(?:[cm]?[jt]sx?|vue|svelte)$/;
const OTHERS: readonly RegExp[] = [
  /\.rs$/,
  /\.go$/,
  /\.rb$/,
  /\.php$/,
  /\.p[lm]$/,
  /\.(?:java|kt|scala|groovy)$/,
  /\.(?:c|cc|cpp|cxx|h|hh|hpp|hxx|inl)$/,
];
/** A line by which one of these loads something. */
const LOADS =
  /^\s*(?:[\w()]+\s+)?(?:#\s*include|import|require\w*|use|mod|include\w*)\b|^\s*(?:\w+\s+)?"[^"]*"$/;
const CODE = [JAVASCRIPT, /\.py$/, ...OTHERS];
/** Most files that are asked what they load. */
const MOST_SOURCES = 2_000;

const isCode = (path: string): boolean => CODE.some((extension) => extension.test(path));

/** Whether a file is code of the product by its path alone. */
export const isOfProduct = (path: string): boolean => !BESIDE.test(path) && !isTestPath(path);

/** Tests alone are others in the old run: what they do to the product is seen there. */
export const mayBeLoaded = (path: string): boolean =>
  isCode(path) && !isOfProduct(path) && !isTestsAlone(path);

/**
 * Those of some files beside the product that it loads, by itself or by others beside it; by the texts of one commit.
 *
 * @param first files that are asked before the others, which may be too many
 */
export async function loadedByProduct(
  paths: readonly string[],
  all: readonly string[],
  first: readonly string[],
  read: (path: string) => Promise<string | null>,
): Promise<string[]> {
  if (paths.length === 0) return [];
  const products = productsOf(parseObject(await read('package.json')) ?? {});
  // What a package gives to the tests of others is for tests.
  const isProduct = new Set(products.filter((path) => !isTestPath(path)));
  const isFirst = new Set(first);
  const sources = all
    .filter((path) => isCode(path) && !isTestsAlone(path) && !isDefinitionOfBase(path))
    .sort((a, b) => Number(isFirst.has(b)) - Number(isFirst.has(a)));
  const files: { from: string; loads(path: string): boolean }[] = [];
  for await (const [from, text] of readAhead(sources.slice(0, MOST_SOURCES), read))
    files.push({ from, loads: loadsOf(from, text ?? '') });
  const isLoaded = (path: string): boolean => {
    const seen = new Set([path]);
    for (const each of seen) {
      if (isProduct.has(each)) return true;
      for (const { from, loads } of files) {
        if (seen.has(from) || !loads(each)) continue;
        if (isOfProduct(from) && !FOR_TESTS.test(from)) return true;
        seen.add(from);
      }
    }
    return false;
  };
  return paths.filter(isLoaded);
}

/** Whether a file loads another one, by its text alone. */
function loadsOf(from: string, text: string): (path: string) => boolean {
  if (JAVASCRIPT.test(from)) {
    const modules = javascriptModules(text);
    return (path) => JAVASCRIPT.test(path) && modules.some((module) => mayMean(from, module, path));
  }
  if (from.endsWith('.py')) {
    const modules = pythonModules(text);
    return (path) => path.endsWith('.py') && modules.some((module) => mayMeanInPython(from, module, path));
  }
  const lines = text
    .split('\n')
    .filter((line) => LOADS.test(line))
    .join('\n');
  const language = languageOf(from);
  return (path) => {
    if (languageOf(path) !== language) return false;
    // Go loads folders, by all of their path.
    if (path.endsWith('.go')) return lines.includes(`/${posix.dirname(path)}"`);
    const name = nameOf(path.replace(/(?:\/mod)?\.\w+$/, ''));
    return new RegExp(`(?<![\\w-])${literal(name)}(?![\\w-])`).test(lines);
  };
}

const languageOf = (path: string): RegExp | undefined => OTHERS.find((extension) => extension.test(path));
