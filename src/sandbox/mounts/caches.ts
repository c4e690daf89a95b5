import { mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withoutSecrets } from './configuration-text.ts';
import { INSIDE_HOME } from './environment.ts';
import { isInside, type Mount } from './mounts.ts';

/**
 * What package managers and test tools have downloaded into the owner's home, and look for in the home they are run with.
 * Shown read-only to commands without a network, which could get nothing else. Of each tool only the folders of packages:
 * what lies beside them may hold logins. Left out are caches that their tools refuse to use when they cannot write to them
 * (uv, pnpm, Gradle's own distributions).
 */
const CACHES = [
  '.m2/repository',
  '.nuget/packages',
  '.cargo/registry',
  '.cargo/git',
  'go/pkg/mod',
  '.gem/ruby',
  '.local/share/gem',
  '.mix',
  '.hex/packages',
  '.cache/pip',
  '.cache/node/corepack',
  '.cache/ms-playwright',
  '.cache/puppeteer',
  '.cache/Cypress',
];
/** Settings that decide whether a tool finds its packages; copied without what is secret in them. */
const SETTINGS = ['.m2/settings.xml', '.m2/toolchains.xml'];
const LARGEST_SETTING = 1024 * 1024;
/** Gradle has a variable for a cache that it only reads. */
const GRADLE = { folder: '.gradle/caches/modules-2', variable: 'GRADLE_RO_DEP_CACHE' };

export interface OwnersCaches {
  mounts: Mount[];
  /** Those of packages. */
  folders: string[];
  env: Record<string, string>;
}

/**
 * @param home the owner's
 * @param folder private; copies of settings are put there
 * @param secret places that must not become visible because a cache is a link to them or contains them
 */
export async function findCaches(
  home: string,
  folder: string,
  secret: readonly string[],
): Promise<OwnersCaches> {
  const mounts: Mount[] = [];
  const folders: string[] = [];
  const env: Record<string, string> = {};
  const show = async (from: string, to: string) => {
    const source = await realpath(join(home, from)).catch(() => null);
    if (source === null || !(await stat(source)).isDirectory()) return false;
    if (isInside(home, source) || secret.some((place) => isInside(place, source) || isInside(source, place)))
      return false;
    mounts.push({ kind: 'read-only', source, target: join(INSIDE_HOME, to) });
    folders.push(source);
    return true;
  };
  for (const path of CACHES) await show(path, path);
  if (await show(GRADLE.folder, '.gradle-lent/modules-2'))
    env[GRADLE.variable] = join(INSIDE_HOME, '.gradle-lent');
  for (const path of SETTINGS) {
    const text = await readSetting(join(home, path));
    if (text === null) continue;
    const copy = join(folder, path);
    await mkdir(dirname(copy), { recursive: true });
    await writeFile(copy, withoutSecrets(text), { mode: 0o644 });
    mounts.push({ kind: 'read-only', source: copy, target: join(INSIDE_HOME, path) });
  }
  return { mounts, folders, env };
}

async function readSetting(file: string): Promise<string | null> {
  const info = await stat(file).catch(() => null);
  if (info === null || !info.isFile() || info.size > LARGEST_SETTING) return null;
  return readFile(file, 'utf8').catch(() => null);
}
