import { asRecord, parseObject } from '../../../lib/record.ts';
import { literal } from '../../../lib/text/literal.ts';
import type { Project } from '../../model/project.ts';
import type { ScratchContent } from '../../ports/workspace.ts';
import type { GitManager } from '../../ports.ts';
import { isInstalled } from '../ecosystems/installed.ts';
import { withNames } from '../names/rewired.ts';
import { nameOf } from '../pins/definitions.ts';
import { moduleIn, parentsOf } from '../test-source/inline-tests.ts';
import type { TestChanges } from './test-changes.ts';
import { isTestPath } from '../test-source/test-files.ts';

/* What is named though it is not there where the tests run as they were: nothing could be installed, linted or built without it. */

const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * Each changed package.json of a commit with the packages for development that it no longer names: what a test used to import stands
 * there, and linters of imports look there, when it runs as it was. The same with names that stood for something else.
 */
export async function withOldPackages(
  git: Pick<GitManager, 'showFile' | 'changedFiles'>,
  { repository, baseCommit }: Pick<Project, 'repository' | 'baseCommit'>,
  content: ScratchContent,
  { names = {} }: Pick<TestChanges, 'names'>,
): Promise<ScratchContent> {
  const { commit } = content;
  const texts: Record<string, string> = {};
  for (const path of await git.changedFiles(repository, baseCommit, commit)) {
    if (!/(^|\/)package\.json$/.test(path) || isInstalled(path)) continue;
    const now = content.texts?.[path] ?? (await git.showFile(repository, commit, path));
    if (now === null) continue;
    const all = withDropped(await git.showFile(repository, baseCommit, path), now) ?? now;
    const text = withNames(all, names[path] ?? {});
    if (text !== now) texts[path] = text;
  }
  return { ...content, texts: { ...content.texts, ...texts } };
}

function withDropped(base: string | null, head: string): string | null {
  const [old, now] = [parseObject(base), parseObject(head)];
  if (base === null || old === null || now === null) return null;
  const named = new Set(SECTIONS.flatMap((key) => Object.keys(asRecord(now[key]))));
  const dropped = Object.entries(asRecord(old['devDependencies'])).filter(([name]) => !named.has(name));
  if (dropped.length === 0) return null;
  const devDependencies = { ...asRecord(now['devDependencies']), ...Object.fromEntries(dropped) };
  const sorted = Object.fromEntries(Object.entries(devDependencies).sort(([a], [b]) => (a < b ? -1 : 1)));
  const indent = /^[ \t]+(?=")/m.exec(head)?.[0] ?? 2;
  return `${JSON.stringify({ ...now, devDependencies: sorted }, null, indent)}\n`;
}

/** Sources that are compiled only where something names them: nothing loads them unasked. */
const COMPILED = /\.(?:rs|c|cc|cpp|cxx|m|mm|cu)$/;
/** What says of which files a build is made. */
const BUILD =
  /(?:^|\/)(?:CMakeLists\.txt|meson\.build|BUILD(?:\.bazel)?|SConscript|SConstruct|wscript|Makefile\.am)$|\.(?:cmake|bzl|gypi?|pr[oi])$/;
/** Comments of these, and texts over several lines, in which what was built may be left standing. */
const COMMENT = /#\[(=*)\[[\s\S]*?\]\1\]|'{3}[\s\S]*?'{3}|"{3}[\s\S]*?"{3}|#.*$/gm;
/** By what a build leaves out what it names, or has it not judged. */
const CONDITIONS =
  /^(?:if|elif|elseif|else|return|break|continue|for|foreach|while|def|function|macro|option|False|OFF|\w*exclude\w*|\w*disabled?\w*|\w*filter\w*|\w*remove\w*|unset|del|will_fail|should_fail|skip\w*)$/i;
/** By what a source is a program of its own, without which it is not linked. */
const MAIN =
  /\bmain\s*\(|CONFIG_(?:MAIN|RUNNER)\b|IMPLEMENT(?:_WITH_MAIN)?\b|\bBOOST_TEST_(?:MAIN|MODULE)\b|\bQTEST_\w*MAIN\b/;

/**
 * An empty source in the place of each new one of tests that is taken away though a changed file that is no test names it. What the new
 * one holds is not there: it may not stand beside the old tests. Nor may it stand for one of them: a build that says less than before
 * gets none.
 *
 * @param taken new files that the content does not have
 */
export async function withNamedSources(
  git: Pick<GitManager, 'showFile' | 'changedFiles'>,
  { repository, baseCommit }: Pick<Project, 'repository' | 'baseCommit'>,
  content: ScratchContent,
  taken: readonly string[],
): Promise<ScratchContent> {
  const { commit } = content;
  const sources = taken.filter((path) => COMPILED.test(path) || BUILD.test(path));
  if (sources.length === 0) return content;
  const naming = new Map<string, string>();
  let gained = true;
  for (const path of await git.changedFiles(repository, baseCommit, commit)) {
    if (isTestPath(path) || !(path.endsWith('.rs') || BUILD.test(path))) continue;
    const text = (await git.showFile(repository, commit, path)) ?? '';
    naming.set(path, text);
    if (BUILD.test(path))
      gained &&= saysNoLess((await git.showFile(repository, baseCommit, path)) ?? '', text);
  }
  const texts: Record<string, string> = {};
  for (const path of sources) {
    const isNamed = ([from, text]: [string, string]) =>
      (gained || !BUILD.test(from)) && names(from, text, path);
    if (![...naming].some(isNamed)) continue;
    const twin = path.endsWith('/mod.rs')
      ? path.replace(/\/mod\.rs$/, '.rs')
      : path.replace(/\.rs$/, '/mod.rs');
    // The old tests of a module that was moved would lie beside it.
    if (twin !== path && (await git.showFile(repository, baseCommit, twin)) !== null) continue;
    const isProgram =
      !path.endsWith('.rs') && MAIN.test((await git.showFile(repository, commit, path)) ?? '');
    texts[path] = isProgram ? 'int main(void) { return 0; }\n' : '';
  }
  return { ...content, texts: { ...content.texts, ...texts } };
}

/** Whether a build's text has each word of the older one, as often, and no new condition under which they may not count. */
function saysNoLess(old: string, now: string): boolean {
  const words = (text: string) => text.replace(COMMENT, '').match(/[\w./-]*[A-Za-z_][\w./-]*/g) ?? [];
  const left = new Map<string, number>();
  for (const word of words(now)) left.set(word, (left.get(word) ?? 0) + 1);
  for (const word of words(old)) left.set(word, (left.get(word) ?? 0) - 1);
  return [...left].every(([word, count]) => count === 0 || (count > 0 && !CONDITIONS.test(word)));
}

/** Whether a source of Rust has a file as its module, or a build is made of it or of the folder that it describes. */
function names(from: string, text: string, path: string): boolean {
  const name = nameOf(path);
  const isWord = (word: string) => new RegExp(`(?<![\\w-])${literal(word)}(?![\\w-])`).test(text);
  if (BUILD.test(path)) return BUILD.test(from) && isWord(nameOf(path.slice(0, -name.length - 1)));
  if (BUILD.test(from)) return isWord(name.replace(/\.\w+$/, ''));
  if (!path.endsWith('.rs')) return false;
  const { module, parents } = parentsOf(path);
  return (parents.includes(from) && moduleIn(from, text, module) !== null) || text.includes(`${name}"`);
}
