import { posix } from 'node:path';
import { asRecord } from '../../../lib/record.ts';

/* Names that stand for modules: `imports` of a package.json, and the import map of a deno.json. */

/** What each name stands for, as it is written; `*` is whatever may stand there. Names that are paths begin with `/`. */
export interface NameMap {
  /** Of the manifest, whose paths begin there. */
  folder: string;
  names: ReadonlyMap<string, unknown>;
}

/** @param path of the manifest */
export function nameMap(path: string, manifest: Record<string, unknown>): NameMap {
  const folder = posix.dirname(path);
  const names = new Map<string, unknown>();
  for (const each of [manifest['imports'], ...Object.values(asRecord(manifest['scopes']))])
    for (const [key, value] of Object.entries(asRecord(each))) {
      const name = placeOf(open(key), folder);
      names.set(name, names.has(name) ? [names.get(name), value] : value);
    }
  return { folder, names };
}

/** What a name stands for: of several that match, the exact one counts, and else the longest. `undefined`: nothing. */
export function meaningOf({ names }: NameMap, name: string): unknown {
  if (names.has(name)) return names.get(name);
  let best: { length: number; value: unknown; rest: string } | undefined;
  for (const [key, value] of names) {
    const rest = restOf(key, name);
    const length = key.indexOf('*');
    if (rest !== null && length > (best?.length ?? -1)) best = { length, value, rest };
  }
  return best === undefined ? undefined : filled(best.value, best.rest);
}

/** All that a meaning may lead to: paths of the repository begin with `/`, what is installed does not. */
export function placesIn(value: unknown, { folder }: NameMap): string[] {
  if (typeof value === 'string') return [placeOf(value, folder)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((each) => placesIn(each, { folder, names: new Map() }));
}

/** Each name as code may write it: those with `*` once for each of the files that they lead to. */
export function namesFor(map: NameMap, files: readonly string[]): string[] {
  const found = new Set<string>();
  for (const [name, value] of map.names) {
    if (!name.includes('*')) found.add(name);
    else
      for (const place of placesIn(filled(value, '*'), map))
        for (const file of place.includes('*') ? files : []) {
          const rest = restOf(place, `/${file}`);
          if (rest !== null) found.add(name.replace('*', () => rest));
        }
  }
  return [...found];
}

/** In an import map what ends with a slash stands for all below it. */
const open = (text: string): string => (text.endsWith('/') ? `${text}*` : text);

const placeOf = (text: string, folder: string): string =>
  /^\.{1,2}\//.test(text) ? posix.join('/', folder, text) : text;

function filled(value: unknown, rest: string): unknown {
  if (typeof value === 'string') return open(value).replaceAll('*', () => rest);
  if (Array.isArray(value)) return value.map((each) => filled(each, rest));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, rest)]));
}

/** What stands in the place of `*`; `null`: another name. */
function restOf(pattern: string, text: string): string | null {
  const [head = '', tail] = pattern.split('*');
  if (tail === undefined || text.length <= head.length + tail.length) return null;
  return text.startsWith(head) && text.endsWith(tail)
    ? text.slice(head.length, text.length - tail.length)
    : null;
}
