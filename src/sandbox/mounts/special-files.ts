import { spawn } from 'node:child_process';
import { lstatSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { DarkFactoryError } from '../../lib/failure.ts';
import { machineExhausted, saysExhausted } from '../run/exhausted.ts';
import { isInside, type Mount } from './mounts.ts';
import { SYSTEM_FOLDERS } from './toolchains.ts';

/** A tree that takes longer is looked through again only after so many times the time that it took. Milliseconds. */
const QUICK = 1_000;
const SHARE = 20;
/** Of a tree so large that this does not suffice, what was found by then counts. Milliseconds. */
const LONGEST_LOOK = 10_000;
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

interface Look {
  found: readonly string[];
  /** By the clock of `performance`. */
  until: number;
}

/**
 * @param find absolute path of the program; `null` where it is missing
 * @param packages folders of programs and packages, too large to be looked through before each command; what listens there is known
 * all the same
 */
export function createSpecialFiles(find: string | null, packages: readonly string[] = []): SpecialFiles {
  const looks = new Map<string, Promise<Look>>();

  async function below(folder: string): Promise<readonly string[]> {
    const known = await looks.get(folder);
    if (known !== undefined && performance.now() < known.until) return known.found;
    const look = lookBelow(find, folder);
    // Scratch trees come and go; those in use are looked through and remembered again.
    if (looks.size >= MOST_REMEMBERED) looks.clear();
    looks.set(folder, look);
    // One that failed is not remembered.
    look.catch(() => looks.delete(folder));
    return (await look).found;
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
  try {
    return socketPaths(readFileSync(LISTENING, 'utf8')).flatMap((path) => {
      const real = realPlace(path);
      return real === path ? [path] : [path, real];
    });
  } catch {
    return [];
  }
}

function realPlace(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path; // It listens on though its folder is gone.
  }
}

/** The absolute paths in the text of /proc/net/unix. Pure. */
function socketPaths(text: string): string[] {
  return [...new Set([...text.matchAll(/^(?:\S+ +){6}\d+ (\/.*)$/gm)].map(([, path = '']) => path))];
}

/** In a process of its own: a tree of packages has tens of thousands of folders, and this process has a heart to beat. */
function lookBelow(find: string | null, folder: string): Promise<Look> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(notLooked(folder, why));
    if (find === null) return fail('the program find is not on the PATH');
    // The slash at the end lets it follow a place that is a link itself; links below are not followed.
    const child = spawn(find, [`${folder}/`, '(', '-type', 's', '-o', '-type', 'p', ')', '-print0'], {
      cwd: '/',
      env: {},
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: LONGEST_LOOK,
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', (error) => fail(error.message));
    child.once('close', () => {
      const names = Buffer.concat(chunks).toString('utf8').split('\0').slice(0, -1);
      const took = performance.now() - started;
      const until = took < QUICK ? 0 : started + took * SHARE;
      resolve({ found: names.map((name) => join(name)), until });
    });
  });
}

function notLooked(folder: string, why: string): DarkFactoryError {
  const said = `Sockets below ${folder} cannot be looked for, and commands must not reach them: ${why}`;
  if (saysExhausted(why)) return machineExhausted(said);
  return new DarkFactoryError(
    'environment',
    'sandbox_failed',
    said,
    'Install it (Debian: apt-get install findutils); "df doctor" shows what is missing.',
  );
}
