import { readAhead } from '../../../lib/async/read-ahead.ts';
import type { Project } from '../../model/project.ts';
import type { GitManager } from '../../ports.ts';
import { filesOfModule } from '../ecosystems/modules.ts';
import { bothSides } from '../names/imports-of-tests.ts';
import { isDefinition, isManifest, nameOf } from '../pins/definitions.ts';
import { mayBeProduct, productsAmong, type Sources } from '../names/products.ts';
import { behindTests, isAttributes, type TestsOfGate } from './behind-tests.ts';
import { hasInlineTests, inlineTests, rustTestsAsRead, withOldTests } from '../test-source/inline-tests.ts';
import { changedValues, changedWords, successorsOf } from './lives-on.ts';
import { mergedInto, outsideOfTests } from './merged.ts';
import { hasAny, namesGone } from './renamed.ts';
import { type ChangedTestFile, DOCUMENT, hasWork, type TestChanges } from './test-changes.ts';
import { isTestsOfBase } from './tests-of-base.ts';
import {
  isTestPath,
  isTestsAlone,
  mayHoldTests,
  readTestFile,
  type TestFile,
  testTexts,
} from '../test-source/test-files.ts';

type Reader = Pick<GitManager, 'showFile' | 'changedFiles' | 'listFiles'>;

/** More changed files of tests, or of a product that may hold tests, than these are not read one by one. */
const MOST_FILES = 500;
const MOST_SOURCES = 2_000;

/**
 * What of a commit's tests, and of what they use, differs from the base commit.
 *
 * @param tests Default: nothing is known of their command
 */
export async function findTestChanges(
  git: Reader,
  project: Pick<Project, 'repository' | 'baseCommit'>,
  commit: string,
  tests: TestsOfGate = { started: new Set(), isRead: true },
): Promise<TestChanges> {
  const { repository, baseCommit } = project;
  const none = { files: [], support: [], paths: [], inline: {}, lost: [], unread: 0, baseHasTests: false };
  if (commit === baseCommit) return { ...none, code: false };
  const [changed, now, base] = await Promise.all([
    git.changedFiles(repository, baseCommit, commit),
    git.listFiles(repository, commit),
    git.listFiles(repository, baseCommit),
  ]);
  const [there, before] = [new Set(now), new Set(base)];
  // Files of the base commit come first: no crowd of new ones may push them out of sight.
  const ordered = [...changed].sort((a, b) => Number(before.has(b)) - Number(before.has(a)));
  const ofBase: Sources = { paths: before, read: (path) => git.showFile(repository, baseCommit, path) };
  const ofNow: Sources = { paths: there, read: (path) => git.showFile(repository, commit, path) };
  const doubtful = changed.filter((path) => mayBeProduct(path) && !tests.started.has(path));
  const products = await productsAmong(doubtful, ofBase, ofNow);
  const ofTests = (path: string) => isTestPath(path) && !products.has(path);
  const isTest = (path: string) => ofTests(path) && !isDefinition(path);
  const pathOf = (path: string) => ({ path, before: before.has(path), after: there.has(path) });
  const texts = (path: string) =>
    Promise.all([baseCommit, commit].map((each) => git.showFile(repository, each, path)));

  const readable = ordered.filter((path) => ofTests(path) && mayHoldTests(path));
  const files: ReadFile[] = [];
  for await (const [path, [old = null, text = null]] of readAhead(readable.slice(0, MOST_FILES), texts))
    files.push({ path, before: read(path, old), after: read(path, text), old, text });
  const elsewhere = ordered.filter((path) => !ofTests(path) && mayHoldElsewhere(path));
  const found: TestChanges = {
    files: followMoves(files, there).map((file) => withEdited(file, there)),
    support: changed.filter((path) => isTest(path) && there.has(path)),
    paths: changed.filter((path) => isTest(path) && (before.has(path) || isTestsAlone(path))).map(pathOf),
    inline: {},
    lost: [],
    unread: Math.max(0, readable.length - MOST_FILES) + Math.max(0, elsewhere.length - MOST_SOURCES),
    baseHasTests: base.some((path) => isTestPath(path)),
    code: await hasWork(
      changed.filter((path) => !ofTests(path)),
      texts,
    ),
  };
  const sources = elsewhere.slice(0, MOST_SOURCES);
  const moved = new Set(files.flatMap(({ path, text }) => rustTestsAsRead(path, text)));
  const fresh = new Map<string, TestFile>();
  const rust = sources.filter((path) => path.endsWith('.rs'));
  for await (const [path, text] of readAhead(rust, ofNow.read))
    for (const each of rustTestsAsRead(path, text)) moved.add(each);
  for await (const [path, [old = null, text = null]] of readAhead(sources, texts)) {
    for (const file of found.files)
      if (text !== null && !DOCUMENT.test(path) && hasAny(text, file.renamed ?? [])) delete file.renamed;
    const isTests = await isTestsOfBase(path, { old, text }, ofBase);
    addElsewhere(found, pathOf(path), { old, text }, { there, moved, isTests, fresh });
  }
  addMoved(found, fresh, (path) => !ofTests(path));
  const sides = bothSides(git, project, commit, { changed, base });
  const behind = await behindTests(sides, ordered, tests);
  found.unread += behind.unread;
  found.names = behind.names;
  for (const path of [...behind.paths, ...changed.filter(isAttributes)]) {
    if (!found.paths.some((each) => each.path === path)) found.paths.push(pathOf(path));
    if (there.has(path) && !isAttributes(path)) found.support.push(path);
  }
  return found;
}

function read(path: string, text: string | null, inProduct = false): TestFile | null {
  if (text === null) return null;
  return readTestFile(path, text, inProduct ? inlineTests(path, text) : undefined);
}

const withTests = (file: TestFile | null | undefined): TestFile | null =>
  (file?.titles.length ?? 0) > 0 ? (file ?? null) : null;

function mayHoldElsewhere(path: string): boolean {
  return (mayHoldTests(path) || DOCUMENT.test(path)) && !isDefinition(path) && !isManifest(path);
}

interface Elsewhere {
  there: ReadonlySet<string>;
  moved: ReadonlySet<string>;
  isTests: boolean;
  /** Takes files of the product that had no tests. */
  fresh: Map<string, TestFile>;
}

/** Tests that lie where neither name nor folder tells: in the product's files, in documents, or in files of their own. */
function addElsewhere(
  found: TestChanges,
  place: TestChanges['paths'][number],
  { old, text }: { old: string | null; text: string | null },
  { there, moved, isTests, fresh }: Elsewhere,
): void {
  const { path } = place;
  if (isTests) found.paths.push(place);
  if (DOCUMENT.test(path)) return;
  // In its new form it asks the old code only where it lies there.
  if (isTests && path.endsWith('.rs') && there.has(path)) found.support.push(path);
  const inline = old !== null && !isTests && hasInlineTests(path, old);
  if (inline) {
    const { text: spliced, lost } = withOldTests(path, old, text, moved);
    if (spliced !== null) found.inline[path] = spliced;
    if (lost.length > 0) found.lost.push({ path, names: lost });
  }
  const [before, after] = [old, text].map((each) => read(path, each, !isTests));
  if (isTests || inline || path.endsWith('.rs')) {
    if (withTests(before) !== null || withTests(after) !== null)
      found.files.push(
        withEdited({ path, before: withTests(before), after: withTests(after), old, text }, there),
      );
  } else if (after && text !== null && hasInlineTests(path, text)) fresh.set(path, after);
}

/** Tests that were moved to a file of the product without any live on there, where they run and check something; no more is asked of it. */
function addMoved(
  found: TestChanges,
  fresh: ReadonlyMap<string, TestFile>,
  of: (path: string) => boolean,
): void {
  const known = new Set(found.files.flatMap(({ path, before }) => (of(path) ? (before?.titles ?? []) : [])));
  for (const [path, { titles, hollow, left = [] }] of fresh) {
    const out = new Set([...hollow, ...left.flat()]);
    const moved = titles.filter((title) => known.has(title) && !out.has(title));
    if (moved.length > 0)
      found.files.push({ path, before: null, after: { titles: moved, skips: 0, hollow: [] } });
  }
}

/** A changed file with its texts, which are kept no longer than it takes to compare them. */
interface ReadFile extends ChangedTestFile {
  old: string | null;
  text: string | null;
}

function withEdited({ old, text, ...file }: ReadFile, there: ReadonlySet<string>): ChangedTestFile {
  const { path, from = path, before, after } = file;
  if (before === null || after === null || old === null || text === null) return file;
  const [one, two] = [testTexts(from, old), testTexts(path, text)];
  const edited = before.titles.filter((title) => two.has(title) && one.get(title) !== two.get(title));
  const renamed = namesGone(path, old, text, goneFor(from, there));
  const successors = successorsOf(one, two);
  const pairs = [...edited.map((title) => [title, [title]] as const), ...Object.entries(successors)];
  const ofEach = <T>(tell: (title: string, old: string, now: string) => T): Record<string, T> =>
    Object.fromEntries(
      pairs.map(([title, [to = '']]) => [title, tell(title, one.get(title) ?? '', two.get(to) ?? '')]),
    );
  const merged = mergedInto(one, two, outsideOfTests(path, text));
  const about = ofEach(changedWords);
  const values = ofEach((_, before, after) => changedValues(before, after));
  const more = { ...(renamed && { renamed }), ...(Object.keys(merged).length > 0 && { merged }) };
  return { ...file, edited, successors, about, values, ...more };
}

/** Whether a module of the product that a test of this path imported is there no more. */
const goneFor = (path: string, there: ReadonlySet<string>) => (module: string) =>
  filesOfModule(path, module, there).length === 0;

function isRenamed({ path, old }: ReadFile, { text }: ReadFile, there: ReadonlySet<string>): boolean {
  return old !== null && text !== null && namesGone(path, old, text, goneFor(path, there)) !== null;
}

/** A file that is gone, and a new one with its name or its tests, by whatever names of the product, are one that was moved. */
function followMoves(files: readonly ReadFile[], there: ReadonlySet<string>): ReadFile[] {
  const gone = files.filter(({ before, after }) => before !== null && after === null);
  const fresh = new Set(files.filter(({ before, after }) => before === null && after !== null));
  const merged = new Map<ReadFile, ReadFile>();
  const moved = new Set<ReadFile>();
  for (const file of gone) {
    let best: { to: ReadFile; score: number } | null = null;
    for (const to of fresh) {
      const titles = new Set(to.after?.titles);
      const shared = (file.before?.titles ?? []).filter((title) => titles.has(title)).length;
      const score = shared + (nameOf(to.path) === nameOf(file.path) ? 0.5 : 0);
      if (score > (best?.score ?? 0)) best = { to, score };
    }
    const renamed = best === null ? [...fresh].find((to) => isRenamed(file, to, there)) : undefined;
    if (renamed !== undefined) best = { to: renamed, score: 0 };
    if (best === null) continue;
    fresh.delete(best.to);
    moved.add(file);
    merged.set(best.to, { ...best.to, from: file.path, before: file.before, old: file.old });
  }
  return files.filter((file) => !moved.has(file)).map((file) => merged.get(file) ?? file);
}
