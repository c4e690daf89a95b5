import { mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ECOSYSTEMS } from '../../factory/gates/ecosystems/all.ts';
import { withoutSecrets } from './configuration-text.ts';
import { INSIDE_HOME } from './environment.ts';
import { isInside, type Mount } from './mounts.ts';

/**
 * What package managers and test tools have downloaded into the owner's home, and look for in the home they are run with.
 * Shown read-only to commands without a network, which could get nothing else. Of each tool only the folders of packages:
 * what lies beside them may hold logins. Left out are caches that their tools refuse to use when they cannot write to them
 * (uv, pnpm, Gradle's own distributions).
 */
const HOMES = ECOSYSTEMS.map(({ home }) => home);
const LARGEST_SETTING = 1024 * 1024;

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
  for (const { caches, lent } of HOMES) {
    for (const path of caches) await show(path, path);
    if (lent !== null && (await show(lent.folder, lent.as)))
      env[lent.variable] = join(INSIDE_HOME, dirname(lent.as));
  }
  for (const path of HOMES.flatMap(({ settings }) => settings)) {
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
