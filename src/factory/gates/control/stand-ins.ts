import { posix } from 'node:path';
import { readAhead } from '../../../lib/async/read-ahead.ts';
import { literal } from '../../../lib/text/literal.ts';
import { nameOf } from '../pins/definitions.ts';
import { isTestPath } from '../test-source/test-files.ts';

/*
 * Where a language is compiled, the library by which tests assert cannot be replaced while they run; but code of the repository may be
 * compiled in its place, because it is found under the same name.
 */

/** A changed file on both sides, and how other files of them are read. */
export interface ChangedFile {
  path: string;
  old: string | null;
  now: string;
  /** All paths of the base commit. */
  base: readonly string[];
  /** Of both sides. */
  read(path: string): Promise<readonly (string | null)[]>;
}

const VENDORED = new RegExp(
  `^(.*/)?vendor/((?:${[
    'github\\.com/(?:stretchr/testify|google/go-cmp|onsi/(?:gomega|ginkgo)|matryer/is|frankban/quicktest|smartystreets/\\w+|golang/mock|alecthomas/assert|shoenig/test)',
    'gotest\\.tools',
    'gopkg\\.in/check\\.v\\d+',
    'go\\.uber\\.org/(?:mock|goleak)',
  ].join('|')})(?:/v\\d+)?)/.*\\.(?:go|s)$`,
);
const PACKAGE =
  /^\s*package\s+(org\.(?:assertj|hamcrest|mockito|junit|testng|scalatest|spockframework)|com\.google\.common\.truth|kotlin\.test|io\.kotest|junit\.framework)\b.*$/m;
const HEADER = /(?:^|\/)(?:(?:assert|stdlib|stdio|strings?)\.h|c(?:assert|stdlib|stdio|string))$/;
/** By which tests in C judge and end; a header that other headers follow may say anything. */
const JUDGES =
  /^\s*#\s*include(?:_next)?\b|\b(?:assert|abort|_?[eE]xit|strn?cmp|strn?casecmp|memcmp|f?printf|puts)\b/m;

/** Whether a path alone speaks for a look at the file. */
export function mayStandIn(path: string): boolean {
  return (
    VENDORED.test(path) ||
    (!isTestPath(path) && (/\.(?:java|kt|scala|groovy)$/.test(path) || HEADER.test(path)))
  );
}

/** What a changed file newly stands in for, in the words of a report; `null`: for no library of tests. */
export async function standsInFor(file: ChangedFile): Promise<string | null> {
  const { path, old, now, base } = file;
  const vendored = VENDORED.exec(path);
  if (vendored !== null) return vendoredText(file, vendored[1] ?? '', vendored[2] ?? '');
  if (HEADER.test(path)) return headerText(file);
  const [line, name = ''] = PACKAGE.exec(now) ?? [];
  if (line === undefined || (old !== null && PACKAGE.test(old))) return null;
  // The library's own repository.
  const folder = `/${name.replaceAll('.', '/')}/`;
  return base.some((each) => `/${each}`.includes(folder) && !isTestPath(each)) ? null : line.trim();
}

/** Another version of a module brings other files along; a part of it that was not there before is used by no test of before. */
async function vendoredText(file: ChangedFile, folder: string, module: string): Promise<string | null> {
  const place = folderOf(file.path);
  if (file.old === null && !file.base.some((each) => folderOf(each) === place)) return null;
  const version = (text: string | null): string | undefined =>
    new RegExp(`^\\s*(?:require\\s+)?${literal(module)}\\s+(v\\S+)`, 'm').exec(text ?? '')?.[1];
  const [before, after] = (await file.read(`${folder}go.mod`)).map(version);
  return before === after ? `${module} ${before ?? ''}`.trim() : null;
}

const folderOf = (path: string): string => path.slice(0, path.length - nameOf(path).length);

/** A repository that has others of such names beside it is a library for C itself. */
async function headerText(file: ChangedFile): Promise<string | null> {
  const { path, old, now, base } = file;
  if (old !== null) return null;
  const name = nameOf(path);
  const folder = folderOf(path);
  if (base.some((each) => HEADER.test(each) && folderOf(each) === folder)) return null;
  if (!/^c?assert/.test(name) && !JUDGES.test(now)) return null;
  return INCLUDED.test(folder) || (await isSearched(folder, file)) ? `#include <${name}>` : null;
}

/** Where compilers usually look for headers; those of folders below are named with their folder: `<util/string.h>`. */
const INCLUDED = /^(?:src\/)?$|(?:^|\/)inc(?:lude)?\/$/;
/** What may tell a compiler where to look besides. */
const BUILD =
  /(?:^|\/)(?:CMakeLists\.txt|(?:GNU)?[Mm]akefile(?:\.\w+)?|meson\.build|BUILD(?:\.bazel)?|configure\.ac|SCons(?:truct|cript)|setup\.py|build\.(?:rs|zig)|package\.json|Package\.swift)$|\.(?:cmake|mk|pr[io]|gypi?|sh)$/;
const MOST_BUILDS = 300;
/** An option, or a list behind a name: `include_directories(…)`, `"include_dirs": […]`, `INCLUDEPATH += …`. */
const SEARCHES =
  /-(?:I|isystem|iquote)\s*(\S+)|\b\w*include\w*\b[^()[\]\n]*(\([^)]{0,2000}|\[[^\]]{0,2000}|=[^\n]*)/gi;
const VARIABLE = /\$(?:\{[^}]*\}|\([^)]*\))/;

/** Whether a build of the repository has headers looked for in a folder. */
async function isSearched(folder: string, { base, read }: ChangedFile): Promise<boolean> {
  const builds = base.filter((path) => BUILD.test(path)).slice(0, MOST_BUILDS);
  for await (const [path, texts] of readAhead(builds, read))
    for (const [, option, list = ''] of texts.flatMap((text) => [...(text ?? '').matchAll(SEARCHES)])) {
      const words = option === undefined ? list.split(/[\s,;:([=]+/) : [option];
      if (words.some((word) => word !== '' && meansFolder(word, folder, path, option !== undefined)))
        return true;
    }
  return false;
}

/** @param isAnywhere whether the command may be run in another folder than that of the build file */
function meansFolder(word: string, folder: string, build: string, isAnywhere: boolean): boolean {
  const place = word
    .replaceAll(new RegExp(VARIABLE, 'g'), '')
    .replace(/["'`,;)\]>\\]/g, '')
    .replace(/^(?:\.?\/)+|\/+$/g, '');
  if (place === '' || place === '.') return folder === folderOf(build);
  if (posix.join(folderOf(build), place, '/') === folder) return true;
  return (
    (isAnywhere || VARIABLE.test(word)) && `/${folder}`.endsWith(`/${place.replace(/^(?:\.\.\/)+/, '')}/`)
  );
}
