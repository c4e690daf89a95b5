import type { Project } from '../../model/project.ts';
import type { GitManager } from '../../ports.ts';
import { isDefinitionOfBase } from '../pins/definitions.ts';
import { type Permission, type PermissionTexts, permission } from '../pins/permission.ts';
import { isTestPath } from '../proof/test-files.ts';

/** Code of the product that newly reaches for what is to judge it. */
export interface Touch {
  path: string;
  /** The line, as it stands there. */
  line: string;
  allowed: Permission;
}

/** Modules that judge: no product needs them, but for those that are tools for tests themselves. */
const RUNNERS =
  'node:test|vitest|@vitest/[\\w-]+|@jest/[\\w-]+|jest(?:-[\\w-]+)?|mocha|ava|tape|tap|@tapjs/[\\w-]+|uvu(?:/assert)?|chai|bun:test|expect|jasmine(?:-core)?';

const JAVASCRIPT: readonly RegExp[] = [
  new RegExp(
    `\\bfrom\\s*["'](?:${RUNNERS})["']|\\b(?:require|import)\\(\\s*["'](?:${RUNNERS})["']|^\\s*import\\s*["'](?:${RUNNERS})["']`,
  ),
  // `assert.equal = …`, by whatever way, and the globals of runners.
  /(?<![\w.$])(?:assert|expect|chai|should)(?:\.\w+|\[[^\]\n]+\])+\s*=(?![=>])/,
  /\b(?:Object|Reflect)\.(?:assign|define\w+|set\w*)\(\s*(?:assert|expect|chai)\b/,
  /\brequire\(\s*["'](?:node:)?assert(?:\/strict)?["']\s*\)(?:\.\w+|\[[^\]\n]+\])+\s*=(?![=>])/,
  /\b(?:globalThis|global|window|self)(?:\.|\[\s*["'])(?:assert|expect|it|test|describe|suite|beforeEach|afterEach)\b[^\n=]*=(?![=>])/,
  /\bexpect\.extend\(|\bsyncBuiltinESMExports\b|\bgetBuiltinModule\(\s*["'](?:node:)?(?:assert|test)\b/,
  /\bprocess\.(?:exit|reallyExit)\s*=(?![=>])|\bdefineProperty\(\s*process\s*,\s*["'](?:exit|exitCode|reallyExit)/,
  /\bModule\._(?:load|resolveFilename|extensions|compile)\b\s*(?:\[[^\]\n]*\]\s*)?=(?![=>])|\bprocess\.binding\(|\bNODE_TEST_CONTEXT\b/,
];

const PYTHON: readonly RegExp[] = [
  /^\s*(?:import|from)\s+(?:unittest|pytest|_pytest|pluggy|nose2?|doctest)\b/,
  /\b(?:import_module|__import__)\(\s*["'](?:unittest|pytest|_pytest|pluggy)\b/,
  /\bsys\.modules(?:\.get\(|\[)\s*["'](?:unittest|pytest|_pytest|pluggy|__main__)\b/,
  /\bbuiltins\.(?:AssertionError|__import__|exit)\s*=(?!=)|\bsys\.settrace\(|\bPYTEST_CURRENT_TEST\b/,
  /\bgc\.get_(?:objects|referrers)\(/,
];

/** Measurements, examples and tools of a repository are run by themselves; tests do not load them. */
const BESIDE_THE_PRODUCT =
  /(^|\/)(bench(marks?|es)?|perf|examples?|fixtures?|docs?|scripts?|tools?)\/|[._](bench|benchmark|stories|story|setup)\.\w+$/;

/** Names under which a file has node:assert, for assignments to its members. */
const ASSERT_NAMES =
  /\bimport\s+(?:\*\s+as\s+)?(\w+)[^;\n]*from\s*["'](?:node:)?assert(?:\/strict)?["']|\b(?:const|let|var)\s+(\w+)\s*=\s*(?:await\s+)?(?:require|import)\(\s*["'](?:node:)?assert/g;

/**
 * Lines of a product's code that touch the test runner or the assertion library, and that the base commit's text has not.
 * `process.exit` alone is no such line: programs end, and tests that did not run are missed by their number.
 */
export function touchesIn(path: string, old: string | null, now: string): string[] {
  const patterns = /\.[cm]?[jt]sx?$/.test(path) ? javascriptFor(now) : /\.pyi?$/.test(path) ? PYTHON : [];
  if (patterns.length === 0) return [];
  const hits = (text: string) =>
    text.split('\n').filter((line) => line.length < 2_000 && patterns.some((pattern) => pattern.test(line)));
  const before = new Set(hits(old ?? '').map((line) => line.trim()));
  const after = hits(now).map((line) => line.trim());
  return after.filter((line) => !before.has(line) && !/^(?:\/\/|\*|\/\*|#)/.test(line));
}

function javascriptFor(text: string): RegExp[] {
  const names = [...text.matchAll(ASSERT_NAMES)].map(([, one, other]) => one ?? other ?? 'assert');
  const assigned = names.map(
    (name) =>
      new RegExp(
        `(?<![\\w.$])${name}(?:\\.\\w+|\\[[^\\]\\n]+\\])+\\s*=(?![=>])|\\(\\s*${name}\\s*,\\s*["']\\w+["']`,
      ),
  );
  return [...JAVASCRIPT, ...assigned];
}

/** A repository that is a tool for tests itself touches them in its old code as well: there nothing is said of imports. */
export async function findTouches(
  git: Pick<GitManager, 'showFile' | 'changedFiles'>,
  { repository, baseCommit }: Project,
  commit: string,
  words: PermissionTexts,
): Promise<Touch[]> {
  if (commit === baseCommit) return [];
  const changed = (await git.changedFiles(repository, baseCommit, commit)).filter(
    (path) =>
      /\.(?:[cm]?[jt]sx?|pyi?)$/.test(path) &&
      !isTestPath(path) &&
      !isDefinitionOfBase(path) &&
      !BESIDE_THE_PRODUCT.test(path),
  );
  const found: Touch[] = [];
  for (const path of changed.slice(0, 500)) {
    const [old = null, now = null] = await Promise.all(
      [baseCommit, commit].map((each) => git.showFile(repository, each, path)),
    );
    if (now === null || (old !== null && touchesIn(path, null, old).length > 0)) continue;
    const allowed = permission(words, path);
    found.push(...touchesIn(path, old, now).map((line) => ({ path, line, allowed })));
  }
  return found;
}

/** The sentence of the report. */
export function touchText({ path, line }: Touch): string {
  return (
    `${path} touches the test runner or the assertion library, which are to judge it: \`${line.slice(0, 160)}\`. Code of the product ` +
    'does without them; where the work is about them, the owner says so by naming the file.'
  );
}
