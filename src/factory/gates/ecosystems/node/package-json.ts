import { isDeepStrictEqual } from 'node:util';
import { asRecord, parseObject } from '../../../../lib/record.ts';
import { jsonLike } from '../../../../lib/text/json-like.ts';
import { withoutDependencyKeys } from '../../pins/same-content.ts';
import type { MayChange, MergedManifest } from '../types.ts';
import { MANAGERS } from './managers.ts';

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
  ...MANAGERS.flatMap(({ keys }) => keys),
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
];

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
export function mergePackage(base: string, head: string, mayChange: MayChange): MergedManifest {
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
  return { text: jsonLike(head, merged), changed };
}

const managerOf = ({ packageManager }: Record<string, unknown>): unknown =>
  typeof packageManager === 'string' ? packageManager.replace(/@\d.*$/, '') : packageManager;

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
