import { readAhead } from '../../../lib/async/read-ahead.ts';
import { asRecord, parseObject } from '../../../lib/record.ts';
import { isInstalled } from '../ecosystems/installed.ts';
import { nameOf } from '../pins/definitions.ts';
import { isTestPath } from '../test-source/test-files.ts';
import { meaningOf, nameMap, namesFor, placesIn } from './import-map.ts';
import { type BothSides, importsOfProduct } from './imports-of-tests.ts';
import { isPlainData } from './plain-data.ts';

/** Most names that are looked at. */
const MOST_NAMES = 2_000;

/**
 * Names in `imports` of a package.json that stand for something else now, with what they stood for: something of the tests, values that
 * they are compared with, or a package in whose place something of the repository is. What the product imports by such a name is its own.
 */
async function rewiredNames(sides: BothSides, path: string): Promise<Record<string, unknown>> {
  const map = (text: string | null) => nameMap(path, parseObject(text) ?? {});
  const [old, now] = [map(await sides.old(path)), map(await sides.now(path))];
  const meanings = namesFor(old, sides.base)
    .map((name) => ({ name, was: meaningOf(old, name), is: meaningOf(now, name) }))
    .filter(({ was, is }) => JSON.stringify(was) !== JSON.stringify(is));
  const found = new Map<string, unknown>();
  const look = async ({ was, is }: (typeof meanings)[number]) => {
    const places = placesIn(was, old);
    if (places.some((place) => isOwn(place) && isTestPath(place.slice(1)))) return 'tests';
    if (places.some((place) => !isOwn(place)) && placesIn(is, now).some(isOwn)) return 'values';
    for (const place of places.filter(isOwn)) {
      const text = await sides.old(place.slice(1));
      if (text !== null && isPlainData(place, text)) return 'values';
    }
    return null;
  };
  let product: Set<string> | undefined;
  for await (const [{ name, was }, kind] of readAhead(meanings.slice(0, MOST_NAMES), look)) {
    if (kind === null) continue;
    if (kind === 'values') product ??= new Set((await importsOfProduct(sides)).map(({ module }) => module));
    if (kind === 'tests' || !product?.has(name)) found.set(name, was);
  }
  return Object.fromEntries(found);
}

/** The same of each package.json that differs; without those in which no such name does. */
export async function rewired(sides: BothSides): Promise<Record<string, Record<string, unknown>>> {
  const found: Record<string, Record<string, unknown>> = {};
  for (const path of sides.changed.filter((each) => nameOf(each) === 'package.json')) {
    const names = isInstalled(path) || isTestPath(path) ? {} : await rewiredNames(sides, path);
    if (Object.keys(names).length > 0) found[path] = names;
  }
  return found;
}

const isOwn = (place: string): boolean => place.startsWith('/');

/** A package.json in which these names stand for what they stood for; others are as they are. */
export function withNames(text: string, names: Readonly<Record<string, unknown>>): string {
  const manifest = parseObject(text);
  if (manifest === null || Object.keys(names).length === 0) return text;
  const imports = { ...asRecord(manifest['imports']), ...names };
  const indent = /^[ \t]+(?=")/m.exec(text)?.[0] ?? 2;
  return `${JSON.stringify({ ...manifest, imports }, null, indent)}\n`;
}
