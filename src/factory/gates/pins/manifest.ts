import { isDeepStrictEqual } from 'node:util';
import { provingKeys, provingPart } from './build-files.ts';
import { readToml, withoutDependencyKeys } from './same-content.ts';

/** A manifest as the gate sees it: the agent's, with the sections that define gates as they are in the base commit. */
export interface MergedManifest {
  text: string;
  /** The agent changed a section that defines gates. */
  changed: boolean;
}

/** Parts of package.json, next to the scripts, that configure tools or say how scripts run. */
const TOOL_KEYS = [
  'jest',
  'vitest',
  'mocha',
  'ava',
  'tap',
  'nyc',
  'c8',
  'babel',
  'eslintConfig',
  'eslintIgnore',
  'prettier',
  'stylelint',
  'xo',
  'standard',
  'config',
  'packageManager',
  'pnpm',
  'lint-staged',
  'uvu',
  'jasmine',
  'karma',
  'testem',
  'wdio',
  'riteway',
  'xo-config',
  'ts-node',
  'swc',
  'nx',
  'turbo',
  'wireit',
  'env-cmd',
  'volta',
  'devEngines',
  'workspaces',
] as const;

/**
 * @param path decides the format
 * @param base text at the base commit, `null` when it is not there: then all of it is ordinary work
 * @param head text now, `null` when it is gone or no ordinary file
 * @param mayChange whether the owner allows that a script of package.json changes, or is added where it is `fresh`
 * @returns a text that cannot be taken apart is replaced by the base's as a whole
 */
export function mergeManifest(
  path: string,
  base: string | null,
  head: string | null,
  mayChange: MayChange = () => false,
): MergedManifest | null {
  if (base === null) return null;
  if (head === base) return { text: base, changed: false };
  if (head === null) return { text: base, changed: true };
  if (path.endsWith('package.json')) return mergePackage(base, head, mayChange);
  if (/(^|\/)deno\.jsonc?$/.test(path)) return mergeDeno(base, head);
  if (path.endsWith('pom.xml') || /\.gradle(\.kts)?$/.test(path)) {
    const same = provingPart(path, base) === provingPart(path, head);
    return same ? { text: head, changed: false } : { text: base, changed: true };
  }
  if (path.endsWith('Cargo.toml')) {
    // These keys stand among what is ordinary work, so the whole is put back.
    if (!isDeepStrictEqual(provingKeys(base), provingKeys(head))) return { text: base, changed: true };
    return mergeToml(base, head, CARGO_SECTION);
  }
  return mergeToml(base, head, PYTHON_SECTION);
}

type MayChange = (script: string, fresh: boolean) => boolean;

/** Run by installs, which make the packages that gates find. */
const RUN_BY_INSTALL = ['install', 'prepare', 'prepublish'].flatMap((name) => [
  name,
  `pre${name}`,
  `post${name}`,
]);

/**
 * Scripts of the base commit, and of the agent's only those with a new name that neither an old script runs as its hook
 * (`pretest`) nor an install runs by itself.
 */
function mergePackage(base: string, head: string, mayChange: MayChange): MergedManifest {
  const [old, now] = [parseObject(base), parseObject(head)];
  if (old === null || now === null) return { text: base, changed: true };
  const oldScripts = asRecord(old['scripts']);
  const scripts = asRecord(now['scripts']);
  const hooks = new Set([
    ...RUN_BY_INSTALL,
    ...Object.keys(oldScripts).flatMap((name) => [`pre${name}`, `post${name}`]),
  ]);
  const own = Object.entries(scripts).filter(
    ([name]) => (!(name in oldScripts) && !hooks.has(name)) || mayChange(name, !(name in oldScripts)),
  );
  const merged: Record<string, unknown> = { ...now };
  if ('scripts' in old || 'scripts' in now) merged['scripts'] = { ...oldScripts, ...Object.fromEntries(own) };
  for (const key of TOOL_KEYS) {
    if (key === 'workspaces' && onlyAddsWorkspaces(old[key], now[key])) continue;
    const settings = [old, now].map((each) => withoutDependencyKeys(asRecord(each[key])));
    if (key === 'pnpm' && isDeepStrictEqual(settings[0], settings[1])) continue;
    if (key in old) merged[key] = old[key];
    else delete merged[key];
  }
  if (isDeepStrictEqual(withoutEmptyScripts(merged), withoutEmptyScripts(now)))
    return { text: head, changed: false };
  // Another version of the same package manager is ordinary work; gates go on with the one that the set-up fetched.
  const changed = !isDeepStrictEqual(
    withoutEmptyScripts({ ...merged, packageManager: managerOf(merged) }),
    withoutEmptyScripts({ ...now, packageManager: managerOf(now) }),
  );
  const indent = /^[ \t]+(?=")/m.exec(head)?.[0] ?? (head.includes('\n') ? 2 : 0);
  return { text: JSON.stringify(merged, null, indent) + (head.endsWith('\n') ? '\n' : ''), changed };
}

const managerOf = ({ packageManager }: Record<string, unknown>): unknown =>
  typeof packageManager === 'string' ? packageManager.replace(/@\d.*$/, '') : packageManager;

/** What a deno.json says of tasks and tools comes from the base commit; the rest is imports. */
function mergeDeno(base: string, head: string): MergedManifest {
  const [old, now] = [parseObject(base), parseObject(head)];
  if (old === null || now === null) return { text: base, changed: true };
  const merged: Record<string, unknown> = { ...now };
  for (const key of ['tasks', 'test', 'lint', 'fmt', 'bench', 'exclude', 'unstable', 'compilerOptions']) {
    if (key in old) merged[key] = old[key];
    else delete merged[key];
  }
  if (isDeepStrictEqual(merged, now)) return { text: head, changed: false };
  return { text: `${JSON.stringify(merged, null, 2)}\n`, changed: true };
}

/** One more package takes no other out of the run; an exception (`!packages/a`) does. */
function onlyAddsWorkspaces(old: unknown, now: unknown): boolean {
  if (isDeepStrictEqual(old, now)) return true;
  const [before, after] = [workspacesOf(old), workspacesOf(now)];
  if (before === null || after === null) return false;
  const rest = (value: unknown) => ({ ...asRecord(value), packages: undefined });
  const added = after.filter((path) => !before.includes(path));
  return (
    isDeepStrictEqual(rest(old), rest(now)) &&
    before.every((path) => after.includes(path)) &&
    added.every((path) => !path.startsWith('!'))
  );
}

function workspacesOf(value: unknown): string[] | null {
  const list = Array.isArray(value) ? value : asRecord(value)['packages'];
  if (!Array.isArray(list)) return null;
  return list.every((each): each is string => typeof each === 'string') ? list : null;
}

function withoutEmptyScripts(manifest: Record<string, unknown>): Record<string, unknown> {
  const { scripts, ...rest } = manifest;
  return Object.keys(asRecord(scripts)).length === 0 ? rest : { ...rest, scripts };
}

const PYTHON_SECTION =
  /^tool\.(pytest|ruff|black|isort|mypy|coverage|tox|nox|pylint|pyright|basedpyright|flake8|autopep8|yapf|bandit|unittest|nose2|ward|hatch\.envs|pdm\.scripts|poe|poethepoet|taskipy|django|mutmut|cibuildwheel)(\.|$)/;
const CARGO_SECTION = /^(test|bench|lints|workspace\.lints|profile\.test|target\..*runner)(\.|$)/;

/** Sections of base and head exchanged by their header lines; the order of sections means nothing in TOML. */
function mergeToml(base: string, head: string, defines: RegExp): MergedManifest {
  const [old, now] = [sections(base), sections(head)];
  if (old === null || now === null) return { text: base, changed: true };
  const mine = (all: readonly Section[]) => all.filter(({ name }) => defines.test(name));
  const told = (all: readonly Section[]) =>
    mine(all)
      .map(({ text }) => readToml(text) ?? text.trim())
      .map((text) => JSON.stringify(text))
      .sort();
  if (isDeepStrictEqual(told(old), told(now))) return { text: head, changed: false };
  const kept = now.filter(({ name }) => !defines.test(name));
  const parts = [...kept, ...mine(old)].map(({ text }) =>
    text === '' || text.endsWith('\n') ? text : `${text}\n`,
  );
  return { text: parts.join(''), changed: true };
}

interface Section {
  name: string;
  text: string;
}

/** `null` where a section may hide from this reading: quoted headers, long strings, tools set from the outside. */
function sections(whole: string): Section[] | null {
  const text = onOneLineEach(whole);
  if (text === null || /^\s*\[\[?\s*["']/m.test(text)) return null;
  if (/^\s*\[\s*tool\s*\]/m.test(text) || /^\s*["']?tool["']?\s*[.=]/m.test(text)) return null;
  const found: Section[] = [{ name: '', text: '' }];
  for (const line of text.split(/(?<=\n)/)) {
    const name = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?/.exec(line)?.[1];
    if (name !== undefined)
      found.push({ name: name.replace(/\s*\.\s*/g, '.').replace(/["']/g, ''), text: '' });
    const last = found.at(-1);
    if (last !== undefined) last.text += line.replaceAll('\0', '\n');
  }
  return found;
}

const TOML_STRINGS =
  /#[^\n]*|"""(?:\\[\s\S]|(?!""")[^\\])*"{3,5}|'''(?:(?!''')[\s\S])*'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/g;

/** A line of a long string, or of a list, may look like the head of a section. `null`: what is a string cannot be told. */
function onOneLineEach(text: string): string | null {
  if (text.includes('\0') || /["']/.test(text.replace(TOML_STRINGS, ''))) return null;
  let depth = 0;
  const parts = text.match(new RegExp(`${TOML_STRINGS.source}|[\\s\\S]`, 'g')) ?? [];
  return parts
    .map((part) => {
      if (part === '[' || part === '{') depth += 1;
      if (part === ']' || part === '}') depth -= 1;
      return depth > 0 || part.length > 1 ? part.replaceAll('\n', '\0') : part;
    })
    .join('');
}

export function parseObject(text: string | null): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text ?? '{}');
    return isRecord(parsed) ? parsed : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
