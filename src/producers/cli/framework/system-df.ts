import { isSameFile, programsOnPath } from '../../../lib/process/programs.ts';

/** Options that the program itself answers when they stand first. */
const OWN_OPTIONS = new Set(['--help', '--version', '-V', '--json']);
/** Where a system keeps its own `df`, for a PATH that leads only here. */
const USUAL_PLACES = ['/usr/bin/df', '/bin/df'];
/**
 * Programs that were already given this command line. A `df` on the PATH may be a script of a package manager that starts
 * this program again.
 */
const TRIED = 'DF_PASSED_ON';

/**
 * Whether the system's own `df` is meant: this program has taken its name, and whoever asks for room on a disk must not notice.
 *
 * @param args what stands after the name
 * @param exists whether a path leads to something
 * @param isCommand whether a word is one of this program's commands; asked only about what exists
 */
export async function isForSystem(
  args: readonly string[],
  exists: (path: string) => boolean,
  isCommand: (word: string) => Promise<boolean>,
): Promise<boolean> {
  const [first] = args;
  if (first === undefined) return false;
  if (first.startsWith('-')) return !OWN_OPTIONS.has(first);
  if (/^\.{1,2}$|\//.test(first)) return true;
  // A word that is neither a command nor a file was mistyped, and gets a hint.
  return exists(first) && !(await isCommand(first));
}

/**
 * Runs the system's `df` with this process's streams.
 *
 * @param script this program, which is not meant
 * @returns its exit code, or `null` when there is no such program
 */
export async function runSystemDf(
  args: readonly string[],
  script: string,
  env: NodeJS.ProcessEnv,
): Promise<number | null> {
  const tried = env[TRIED]?.split(':') ?? [];
  const found = [...programsOnPath('df', env['PATH']), ...USUAL_PLACES].find(
    (file) => !isSameFile(file, script) && !tried.includes(file),
  );
  if (found === undefined) return null;
  const [{ spawnSync }, { constants }] = await Promise.all([import('node:child_process'), import('node:os')]);
  const { status, signal, error } = spawnSync(found, [...args], {
    stdio: 'inherit',
    env: { ...env, [TRIED]: [...tried, found].join(':') },
  });
  if (error !== undefined) return null;
  return status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
