import { isDeepStrictEqual } from 'node:util';

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
] as const;

/**
 * @param path decides the format
 * @param base text at the base commit, `null` when it is not there: then all of it is ordinary work
 * @param head text now, `null` when it is gone or no ordinary file
 * @returns a text that cannot be taken apart is replaced by the base's as a whole
 */
export function mergeManifest(path: string, base: string | null, head: string | null): MergedManifest | null {
  if (base === null) return null;
  if (head === base) return { text: base, changed: false };
  if (head === null) return { text: base, changed: true };
  if (path.endsWith('package.json')) return mergePackage(base, head);
  return mergeToml(base, head, path.endsWith('Cargo.toml') ? CARGO_SECTION : PYTHON_SECTION);
}

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
function mergePackage(base: string, head: string): MergedManifest {
  const [old, now] = [parseObject(base), parseObject(head)];
  if (old === null || now === null) return { text: base, changed: true };
  const oldScripts = asRecord(old['scripts']);
  const scripts = asRecord(now['scripts']);
  const hooks = new Set([
    ...RUN_BY_INSTALL,
    ...Object.keys(oldScripts).flatMap((name) => [`pre${name}`, `post${name}`]),
  ]);
  const added = Object.entries(scripts).filter(([name]) => !(name in oldScripts) && !hooks.has(name));
  const merged: Record<string, unknown> = { ...now };
  if ('scripts' in old || 'scripts' in now)
    merged['scripts'] = { ...oldScripts, ...Object.fromEntries(added) };
  for (const key of TOOL_KEYS) {
    if (key in old) merged[key] = old[key];
    else delete merged[key];
  }
  if (isDeepStrictEqual(withoutEmptyScripts(merged), withoutEmptyScripts(now)))
    return { text: head, changed: false };
  const indent = /^[ \t]+(?=")/m.exec(head)?.[0] ?? (head.includes('\n') ? 2 : 0);
  return { text: JSON.stringify(merged, null, indent) + (head.endsWith('\n') ? '\n' : ''), changed: true };
}

function withoutEmptyScripts(manifest: Record<string, unknown>): Record<string, unknown> {
  const { scripts, ...rest } = manifest;
  return Object.keys(asRecord(scripts)).length === 0 ? rest : { ...rest, scripts };
}

const PYTHON_SECTION =
  /^tool\.(pytest|ruff|black|isort|mypy|coverage|tox|nox|pylint|pyright|flake8|hatch\.envs|pdm\.scripts|poe|taskipy)(\.|$)/;
const CARGO_SECTION = /^(test|bench|lints|workspace\.lints|profile\.test|target\..*runner)(\.|$)/;

/** Sections of base and head exchanged by their header lines; the order of sections means nothing in TOML. */
function mergeToml(base: string, head: string, defines: RegExp): MergedManifest {
  const [old, now] = [sections(base), sections(head)];
  if (old === null || now === null) return { text: base, changed: true };
  const mine = (all: readonly Section[]) => all.filter(({ name }) => defines.test(name));
  const told = (all: readonly Section[]) =>
    mine(all)
      .map(({ text }) => text.trim())
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
function sections(text: string): Section[] | null {
  if (/"""|'''/.test(text) || /^\s*\[\[?\s*["']/m.test(text)) return null;
  if (/^\s*\[\s*tool\s*\]/m.test(text) || /^\s*["']?tool["']?\s*[.=]/m.test(text)) return null;
  const found: Section[] = [{ name: '', text: '' }];
  for (const line of text.split(/(?<=\n)/)) {
    const name = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?/.exec(line)?.[1];
    if (name !== undefined)
      found.push({ name: name.replace(/\s*\.\s*/g, '.').replace(/["']/g, ''), text: '' });
    const last = found.at(-1);
    if (last !== undefined) last.text += line;
  }
  return found;
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
