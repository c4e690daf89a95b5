/** One package manager of Node, whole. Every field has to be said. `managers.ts` lists them. */
export interface PackageManager {
  name: string;
  /** Programs that run scripts of package.json or of packages. */
  programs: readonly string[];
  lockFiles: readonly string[];
  /** By the lock file. */
  install: string;
  /** Without a lock file: it writes one, also where the repository's settings say that it should not. */
  unlocked: string;
  /** How such a command begins, whoever wrote it. */
  installs: RegExp;
  run(script: string): string;
  /** Where no script says how, and it finds tests by itself. */
  test: string | null;
  /** Its settings: see `Definitions`. */
  names: readonly RegExp[];
  paths: readonly RegExp[];
  /** Its settings in package.json. */
  keys: readonly string[];
  /** Where the repository has such a path, an install may run or read any file of it. */
  readsAll: RegExp | null;
}

/** `npm test`, `npm run lint`. */
export const runBy =
  (name: string) =>
  (script: string): string =>
    script === 'test' ? `${name} test` : `${name} run ${script}`;
