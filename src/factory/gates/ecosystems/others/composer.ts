import { isDeepStrictEqual } from 'node:util';
import { asRecord, isRecord, parseObject } from '../../../../lib/record.ts';
import { jsonLike } from '../../../../lib/text/json-like.ts';
import { type Ecosystem, type MayChange, type MergedManifest, NO_SETUP, NOTHING_AT_HOME } from '../types.ts';

/** PHP's: commands are the owner's to name. */
export const composer: Ecosystem = {
  name: 'composer',
  find: async () => ({}),
  definitions: {
    names: [
      /^\.?(phpunit|phpcs|psalm|infection|pest|codeception|phpstan|\.php-cs-fixer|\.php_cs)(\.dist)?\.(xml|xml\.dist|php|neon|neon\.dist|ya?ml|json5?)(\.dist)?$/,
    ],
    paths: [],
    families: [{ names: /^composer\.lock$/, locks: true, free: false }],
  },
  manifests: [{ name: /^composer\.json$/, merge: mergeComposer }],
  installed: [],
  setup: NO_SETUP,
  home: NOTHING_AT_HOME,
};

/** Scripts that Composer runs by itself. */
const EVENT = /^(?:(?:pre|post)-[\w-]+|init|command)$/;
/** Settings that say which packages are meant, and how their list is written. */
const OF_DEPENDENCIES = /^(allow-plugins|sort-packages|platform|preferred-install|optimize-autoloader)$/;

/**
 * Scripts of the base commit, and of the agent's those with a new name that no event runs; what is loaded for tests, and where
 * packages come from, as on the base commit. What is added to these stays where it takes the place of nothing.
 */
function mergeComposer(base: string, head: string, mayChange: MayChange): MergedManifest {
  const [old, now] = [parseObject(base), parseObject(head)];
  if (old === null || now === null) return { text: base, changed: true };
  const merged: Record<string, unknown> = { ...now };
  const oldScripts = asRecord(old['scripts']);
  const own = Object.entries(asRecord(now['scripts'])).filter(
    ([name]) => (!(name in oldScripts) && !EVENT.test(name)) || mayChange(name, !(name in oldScripts)),
  );
  merged['scripts'] = { ...oldScripts, ...Object.fromEntries(own) };
  const isWork: Record<string, (old: unknown, now: unknown) => boolean> = {
    'autoload-dev': onlyAddsNamespaces,
    config: (old, now) => isDeepStrictEqual(ofRuns(old), ofRuns(now)),
    repositories: onlyAddsServers,
    'scripts-aliases': isDeepStrictEqual,
  };
  for (const [key, same] of Object.entries(isWork)) {
    if (same(old[key], now[key])) continue;
    if (key in old) merged[key] = old[key];
    else delete merged[key];
  }
  if (isDeepStrictEqual(withScripts(merged), withScripts(now))) return { text: head, changed: false };
  return { text: jsonLike(head, merged), changed: true };
}

const ofRuns = (config: unknown): unknown =>
  Object.fromEntries(Object.entries(asRecord(config)).filter(([key]) => !OF_DEPENDENCIES.test(key)));

const withScripts = (manifest: Record<string, unknown>): unknown => ({
  ...manifest,
  scripts: asRecord(manifest['scripts']),
});

/** Files are loaded before any test; a namespace within one of before is found in its place. */
function onlyAddsNamespaces(old: unknown, now: unknown): boolean {
  const [before, after] = [asRecord(old), asRecord(now)];
  const rest = (all: Record<string, unknown>) => ({ ...all, 'psr-4': undefined });
  const [one, two] = [asRecord(before['psr-4']), asRecord(after['psr-4'])];
  const names = Object.keys(one);
  return (
    isDeepStrictEqual(rest(before), rest(after)) &&
    names.every((name) => isDeepStrictEqual(one[name], two[name])) &&
    Object.keys(two).every((name) => name in one || !names.some((each) => name.startsWith(each)))
  );
}

/** What stands first counts first; one more server comes after those of before and hands out nothing that the repository holds. */
function onlyAddsServers(old: unknown, now: unknown): boolean {
  const [before, after] = [Object.entries(Object(old ?? [])), Object.entries(Object(now ?? []))];
  return (
    isDeepStrictEqual(before, after.slice(0, before.length)) &&
    after
      .slice(before.length)
      .every(
        ([, each]) =>
          isRecord(each) &&
          /^(?:composer|vcs|git|github|gitlab|bitbucket)$/.test(String(each['type'])) &&
          /^(?:https:\/\/|ssh:\/\/|git@)/.test(String(each['url'])),
      )
  );
}
