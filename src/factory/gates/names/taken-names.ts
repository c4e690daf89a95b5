import { asRecord } from '../../../lib/record.ts';
import { isInstalled } from '../ecosystems/installed.ts';
import { fromElsewhere } from '../ecosystems/not-installed.ts';
import { isDefinition, nameOf } from '../pins/definitions.ts';
import { readJson } from '../pins/same-content.ts';
import { isTestPath } from '../test-source/test-files.ts';
import { meaningOf, type NameMap, nameMap, placesIn } from './import-map.ts';
import { type BothSides, forTests, type Import, importsOfTests } from './imports-of-tests.ts';

/*
 * Names by which tests of the base commit have something from elsewhere, and under which they would find something of the repository
 * now: the library by which they assert would be the agent's own. What no test asks for, and names that the repository had for
 * itself, or that nothing had before, are ordinary work.
 */

export interface TakenName {
  path: string;
  /** In the words of a report. */
  line: string;
}

export async function takenNames(sides: BothSides): Promise<TakenName[]> {
  const found: TakenName[] = [];
  for (const find of [inPython, inGo, asOwnName, inImportMaps]) found.push(...(await find(sides)));
  return found;
}

const oldTree = ({ base, old }: BothSides) => ({ paths: base, read: old });

const MODULE_OF_PYTHON = /^(.*?)(\w+)(?:\/__init__)?(?:\.[\w-]+)*\.(?:py|pyc|so|pyd)$/;
/** By which tests judge wherever they come from: nobody needs to declare them. */
const JUDGES_OF_PYTHON = /^(?:unittest|doctest|_?pytest|pluggy|hamcrest|assertpy|expects|sure|nose2?)$/;

/** A new module where Python looks before it looks among the packages. */
async function inPython(sides: BothSides): Promise<TakenName[]> {
  const there = new Set(sides.base);
  const fresh = sides.changed.flatMap((path) => {
    const [, folder = '', module = ''] = MODULE_OF_PYTHON.exec(path) ?? [];
    return module === '' || there.has(path) || isTestPath(path) || isDefinition(path)
      ? []
      : [{ path, folder, module }];
  });
  const names = fresh.map(({ module }) => module);
  const outside = await fromElsewhere(oldTree(sides), 'python', names);
  const held = new Set(sides.base.map((path) => MODULE_OF_PYTHON.exec(path)?.[2]));
  const candidates = fresh.filter(
    ({ module }) => outside.has(module) || (JUDGES_OF_PYTHON.test(module) && !held.has(module)),
  );
  if (candidates.length === 0) return [];
  const tests = await importsOfTests(sides);
  const roots = rootsOfPython(tests, sides.base);
  const found: TakenName[] = [];
  for (const { path, folder, module } of candidates) {
    const asked = tests.filter((each) => topOf(each) === module);
    if (roots.has(folder) && (await forTests(sides, asked)).length > 0)
      found.push({ path, line: `import ${module}` });
  }
  return found;
}

const topOf = ({ module }: Import): string => module.split('.')[0] ?? '';

/** Folders in which tests find modules: the top, `src` where it is no package itself, and where they find one already. */
function rootsOfPython(tests: readonly Import[], base: readonly string[]): Set<string> {
  const names = new Set(tests.map(topOf));
  const roots = new Set(names.has('src') ? [''] : ['', 'src/']);
  for (const path of base) {
    const [, folder = '', module = ''] = MODULE_OF_PYTHON.exec(path) ?? [];
    if (names.has(module) && !isTestPath(path)) roots.add(folder);
  }
  return roots;
}

/** The module of the repository with the name of one in use, or of one around or below it, whose packages are its own then. */
async function inGo(sides: BothSides): Promise<TakenName[]> {
  const found: TakenName[] = [];
  for (const path of sides.changed.filter((each) => nameOf(each) === 'go.mod' && !isTestPath(each))) {
    const [old, now] = [(await sides.old(path)) ?? '', (await sides.now(path)) ?? ''];
    const nameIn = (text: string) => /^module\s+["`]?([^\s"`]+)/m.exec(text)?.[1] ?? '';
    const [own, name] = [nameIn(old), nameIn(now)];
    if (own === '' || name === '' || name === own) continue;
    const used = [...old.matchAll(/^\s*(?:require\s+)?([\w./-]+)\s+v\S/gm)].map(([, module = '']) => module);
    const within = (one: string, other: string) => `${one}/`.startsWith(`${other}/`);
    // The whole of a module is taken, and told by its own name.
    const rooted = (imports: readonly Import[]) =>
      imports.flatMap(({ from, module }) =>
        used.flatMap((each) => (within(module, each) ? [{ from, module: each }] : [])),
      );
    const asked = (await importsOfTests(sides)).filter(
      ({ module }) => within(module, name) && !within(module, own),
    );
    if ((await forTests(sides, rooted(asked), rooted)).length > 0)
      found.push({ path, line: `module ${name}` });
  }
  return found;
}

const isManifest = (path: string): boolean =>
  /^(?:package\.json|deno\.jsonc?)$/.test(nameOf(path)) && !isInstalled(path) && !isTestPath(path);
const isDeno = (path: string): boolean => nameOf(path).startsWith('deno.');
const folderOf = (path: string): string => path.slice(0, path.length - nameOf(path).length);

async function manifests({ old, now }: BothSides, path: string) {
  const [before, after] = await Promise.all([old(path), now(path)]);
  const read = (text: string | null) => asRecord(readJson(text ?? '')?.json);
  return { path, old: read(before), now: read(after) };
}

/** A package that is called as one that tests import: where it has `exports` it is found before all that is installed. */
async function asOwnName(sides: BothSides): Promise<TakenName[]> {
  const all = await Promise.all(sides.changed.filter(isManifest).map((path) => manifests(sides, path)));
  const named = all.filter(
    ({ old, now }) =>
      typeof now['name'] === 'string' && now['name'] !== old['name'] && now['exports'] !== undefined,
  );
  if (named.length === 0) return [];
  const outside = await packagesOfTests(sides);
  // What Deno is told to link, or holds in its workspace, is found by name from everywhere.
  const linked = all.flatMap(({ path, now }) =>
    [now['links'], now['patch']].flatMap((each) =>
      placesIn(each, nameMap(path, {})).map((place) => `${place.slice(1)}/`.replace(/\/+$/, '/')),
    ),
  );
  return named.flatMap(({ path, now: { name } }) => {
    const anywhere = isDeno(path) || linked.includes(folderOf(path));
    const asks = outside.filter((each) => each.name === name);
    return asks.some(({ from }) => anywhere || from.startsWith(folderOf(path)))
      ? [{ path, line: `"name": ${JSON.stringify(name)}` }]
      : [];
  });
}

const PACKAGE = /^(?:(jsr|npm):\/?)?((?:@[\w.-]+\/)?\w[\w.-]*)(?=[@/]|$)/;

/** Packages that tests have from elsewhere, as the base commit declares them. */
async function packagesOfTests(sides: BothSides): Promise<{ name: string; from: string }[]> {
  const maps = await importMaps(sides);
  const named = (await importsOfTests(sides)).flatMap(({ from, module }) =>
    [module, ...maps.flatMap(({ old }) => placesIn(meaningOf(old, module), old))].flatMap((place) => {
      const [, scheme, name] = PACKAGE.exec(place) ?? [];
      return name === undefined ? [] : [{ from, name, isUrl: scheme !== undefined }];
    }),
  );
  const names = [...new Set(named.map(({ name }) => name))];
  const declared = await fromElsewhere(oldTree(sides), 'node', names);
  const own = new Set<unknown>();
  for (const path of sides.base.filter(isManifest)) own.add((await manifests(sides, path)).old['name']);
  return named.filter(({ name, isUrl }) => !own.has(name) && (isUrl || declared.has(name)));
}

interface ImportMap {
  /** The file in which it stands now. */
  path: string;
  old: NameMap;
  now: NameMap;
}

/** The import maps of Deno, which may stand in a file of their own. */
async function importMaps(sides: BothSides): Promise<ImportMap[]> {
  const paths = [...new Set([...sides.base, ...sides.changed])].filter(
    (path) => isDeno(path) && isManifest(path),
  );
  return Promise.all(
    paths.map(async (path) => {
      const { old, now } = await manifests(sides, path);
      const before = await mapOf(sides, path, old, 'old');
      const after = await mapOf(sides, path, now, 'now');
      return { path: after.path, old: before.map, now: after.map };
    }),
  );
}

async function mapOf(sides: BothSides, path: string, manifest: Record<string, unknown>, side: 'old' | 'now') {
  const [place] = placesIn(manifest['importMap'], nameMap(path, {}));
  if (place === undefined || !place.startsWith('/')) return { path, map: nameMap(path, manifest) };
  const own = place.slice(1);
  return { path: own, map: nameMap(own, (await manifests(sides, own))[side]) };
}

const isInside = (place: string): boolean => /^(?:\/|file:)/.test(place);

/** A name in an import map that leads into the repository, and led elsewhere before. */
async function inImportMaps(sides: BothSides): Promise<TakenName[]> {
  if (!sides.changed.some((path) => /\.jsonc?$/.test(path))) return [];
  const maps = (await importMaps(sides)).filter(
    ({ old, now }) => JSON.stringify([...old.names]) !== JSON.stringify([...now.names]),
  );
  if (maps.length === 0) return [];
  const tests = await importsOfTests(sides);
  const declared = await fromElsewhere(
    oldTree(sides),
    'node',
    tests.map(({ module }) => module),
  );
  const found = new Map<string, TakenName>();
  for (const { path, old, now } of maps) {
    const taken = tests.filter(({ module }) => {
      const [before, after] = [old, now].map((map) => placesIn(meaningOf(map, module), map));
      const inside = after?.find(isInside);
      if (inside === undefined || before?.includes(inside)) return false;
      // A file of the repository that another one stands in for.
      if (module.startsWith('/')) return inside !== module;
      const led = before?.length ? before : /^\w+:/.test(module) || declared.has(module) ? [module] : [];
      return led.length > 0 && !led.some(isInside);
    });
    for (const { module } of await forTests(sides, taken)) {
      const place = placesIn(meaningOf(now, module), now).find(isInside);
      found.set(module, { path, line: `${JSON.stringify(module)}: ${JSON.stringify(place)}` });
    }
  }
  return [...found.values()];
}
