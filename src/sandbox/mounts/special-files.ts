import { lstatSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { always, isUnseen, orNullSync } from '../../lib/errno.ts';
import { sandboxFailed } from '../run/exhausted.ts';
import { isInside, type Mount } from './mounts.ts';
import { SYSTEM_FOLDERS } from './toolchains.ts';

export interface LookLimits {
  /** A tree with more folders is looked through again only after `SHARE` times the time that it took. */
  fewFolders: number;
  /** File systems tell times apart by this much, the coarsest of them. */
  coarsestTimeMs: number;
}

const LIMITS: LookLimits = { fewFolders: 2_500, coarsestTimeMs: 2_000 };
const SHARE = 20;
/** Of a tree so large that this does not suffice, what was found by then counts. Milliseconds. */
const LONGEST_LOOK = 10_000;
/** Folders that are looked into in one go: this process has a heart to beat. */
const AT_ONCE = 100;
/** A folder with more of them is hidden whole: each mask is a mount. */
const MOST_IN_FOLDER = 50;
const MOST_REMEMBERED = 200;
/** Every socket of this machine's network that has a path. Missing on other systems. */
const LISTENING = '/proc/net/unix';

export interface SpecialFiles {
  /**
   * Mounts that take sockets and named pipes out of what is shown read-only. A read-only mount keeps nobody from talking to a
   * daemon through them.
   */
  masks(mounts: readonly Mount[]): Promise<Mount[]>;
}

/** What is in a folder, as long as the file system says that the folder was not changed. */
interface Folder {
  changed: number;
  read: number;
  special: readonly string[];
  folders: readonly string[];
}

interface Look {
  found: readonly string[];
  folders: ReadonlyMap<string, Folder>;
  /** By the clock of `performance`. */
  until: number;
}

/**
 * @param packages folders of programs and packages, too large to be looked through before each command; what listens there is known
 * all the same
 */
export function createSpecialFiles(
  packages: readonly string[] = [],
  limits: Partial<LookLimits> = {},
): SpecialFiles {
  const looks = new Map<string, Promise<Look>>();

  async function below(folder: string): Promise<readonly string[]> {
    const known = await looks.get(folder)?.catch(() => undefined);
    if (known !== undefined && performance.now() < known.until) return known.found;
    const look = lookBelow(folder, known?.folders ?? new Map(), { ...LIMITS, ...limits });
    // Scratch trees come and go; those in use are looked through and remembered again.
    if (looks.size >= MOST_REMEMBERED) looks.clear();
    looks.set(folder, look);
    try {
      return (await look).found;
    } catch (error) {
      looks.delete(folder); // One that failed is not remembered.
      throw sandboxFailed(
        `Sockets below ${folder} cannot be looked for, and commands must not reach them`,
        error,
      );
    }
  }

  return {
    async masks(mounts) {
      const shown = mounts.filter(isShown);
      const listening = listeningSockets();
      const found = await Promise.all(
        shown.map(async ({ source, target }) => {
          const isKnown = isSystem(source) || isInside(target, '/etc') || packages.includes(source);
          const walked = isKnown ? [] : await below(source);
          const known = listening.filter((path) => isInside(path, source));
          return [...new Set([...walked, ...known])].map((path) => ({
            path,
            target: join(target, relative(source, path)),
          }));
        }),
      );
      const visible = found.flat().filter(({ path, target }, index, all) => {
        const first = all.findIndex((each) => each.target === target) === index;
        return first && isSpecial(path) && shows(mounts, target, path);
      });
      return maskAll(
        visible.map(({ target }) => target),
        shown,
      );
    },
  };
}

type Shown = Extract<Mount, { kind: 'read-only' | 'writable' | 'layer' }>;

/** A single file or socket that was named is shown because its owner wants it. */
function isShown(mount: Mount): mount is Shown {
  return (
    (mount.kind === 'read-only' || mount.kind === 'layer') &&
    statSync(mount.source, { throwIfNoEntry: false })?.isDirectory() === true
  );
}

/** They belong to the system's packages, and are too many to look through. */
function isSystem(folder: string): boolean {
  return SYSTEM_FOLDERS.some((system) => isInside(folder, system));
}

/** The innermost mount at that place is one that shows this file; another may cover it. */
function shows(mounts: readonly Mount[], target: string, path: string): boolean {
  const over = mounts.filter((mount) => isInside(target, mount.target));
  const longest = Math.max(...over.map((mount) => mount.target.length));
  return over.some(
    (mount) =>
      mount.target.length === longest &&
      (mount.kind === 'read-only' || mount.kind === 'layer') &&
      join(mount.source, relative(mount.target, target)) === path,
  );
}

function isSpecial(path: string): boolean {
  const info: Stats | undefined = lstatSync(path, { throwIfNoEntry: false });
  return info !== undefined && (info.isSocket() || info.isFIFO());
}

/** Pure. A folder with very many of them is hidden whole, unless it is a shown place itself. */
function maskAll(targets: readonly string[], shown: readonly Pick<Shown, 'target'>[]): Mount[] {
  const places = new Set(shown.map(({ target }) => target));
  const byFolder = new Map<string, string[]>();
  for (const target of targets) {
    const folder = dirname(target);
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), target]);
  }
  return [...byFolder].flatMap(([folder, its]): Mount[] =>
    its.length > MOST_IN_FOLDER && !places.has(folder)
      ? [{ kind: 'empty', target: folder }]
      : its.map((target) => ({ kind: 'read-only', source: '/dev/null', target })),
  );
}

/** By the places where they really lie: a home may be a link, and its owner's daemons do not know. */
function listeningSockets(): string[] {
  const text = orNullSync(() => readFileSync(LISTENING, 'utf8'), always) ?? '';
  return socketPaths(text).flatMap((path) => {
    // It may listen on though its folder is gone.
    const folder = orNullSync(() => realpathSync(dirname(path)), always) ?? dirname(path);
    return [...new Set([path, join(folder, basename(path))])];
  });
}

/** The absolute paths in the text of /proc/net/unix. Pure. */
function socketPaths(text: string): string[] {
  return [...new Set([...text.matchAll(/^(?:\S+ +){6}\d+ (\/.*)$/gm)].map(([, path = '']) => path))];
}

/** Looks only into folders that changed since `known`: a repository has hundreds, and few commands change any of them. */
async function lookBelow(
  top: string,
  known: ReadonlyMap<string, Folder>,
  { fewFolders, coarsestTimeMs }: LookLimits,
): Promise<Look> {
  const started = performance.now();
  const found: string[] = [];
  const folders = new Map<string, Folder>();
  const open = [top];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    // A shown place may be a link itself; links below are not followed.
    const folder = lookInto(path, path === top ? statSync : lstatSync, known.get(path), coarsestTimeMs);
    if (folder === null) continue;
    folders.set(path, folder);
    for (const name of folder.special) found.push(join(path, name));
    for (const name of folder.folders) open.push(join(path, name));
    if (folders.size % AT_ONCE !== 0) continue;
    if (performance.now() - started > LONGEST_LOOK) break;
    await setImmediate();
  }
  const took = performance.now() - started;
  return { found, folders, until: folders.size <= fewFolders ? 0 : started + took * SHARE };
}

/** @returns `null`: no folder, or none that this user may look into, and so nothing that commands reach */
function lookInto(
  path: string,
  statOf: typeof lstatSync,
  known: Folder | undefined,
  coarsestTimeMs: number,
): Folder | null {
  return orNullSync(() => {
    const changed = statOf(path).ctimeMs;
    // What changes in the same moment as it is read has the same time afterwards.
    if (known?.changed === changed && changed + coarsestTimeMs < known.read) return known;
    const read = Date.now();
    const special: string[] = [];
    const folders: string[] = [];
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(entry.name);
      else if (entry.isSocket() || entry.isFIFO()) special.push(entry.name);
    }
    return { changed, read, special, folders };
  }, isUnseen);
}
