/**
 * Open files that whoever started this process left open for it (`exec 99</srv/secret`, `flock -n 200 … 200>lock`). Node
 * keeps only the lowest of them from its children, and whatever a child has open no sandbox takes away: a command of an
 * agent could read and write them. So they are closed before anything is started.
 */
import { closeSync, readdirSync, readFileSync } from 'node:fs';

const FOLDER = '/proc/self/fd';
/** The kernel's O_CLOEXEC, as it stands in fdinfo. What Node opens has it: such a file ends where a child begins. */
const CLOSE_ON_EXEC = 0o2000000;
/** How a file that is still to be read is named on a command line: `--description @<(echo …)`. */
const NAMED = /\/(?:dev|proc\/self)\/fd\/(\d+)(?!\d)/g;

/**
 * Closes what a child would inherit above the three standard ones, but for files that the command line names.
 *
 * A lock of the owner's that hangs on such a file goes on for the life of this process: a process that does nothing else
 * keeps that file, and ends with this one. On systems without /proc children inherit nothing, so nothing is done.
 */
export async function closeInherited(commandLine: readonly string[]): Promise<void> {
  if (process.platform !== 'linux' || process.versions['bun'] !== undefined) return;
  const named = new Set(commandLine.flatMap((word) => [...word.matchAll(NAMED)].map(([, fd]) => Number(fd))));
  const inherited = readdirSync(FOLDER)
    .map(Number)
    .filter((fd) => fd > 2 && !named.has(fd))
    .map((fd) => ({ fd, info: infoOf(fd) }))
    .filter(({ info }) => isInheritable(info));
  if (inherited.some(({ info }) => /^lock:/m.test(info))) await keepOpen();
  for (const { fd } of inherited) closeSync(fd);
}

/** Does a child get the file that this text of /proc/self/fdinfo is about? An empty text: it is closed already. */
function isInheritable(info: string): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(info)?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
}

function infoOf(fd: number): string {
  try {
    return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
  } catch {
    // The one through which the folder was read.
    return '';
  }
}

/** In a session of its own: the Ctrl-C that lets this process end in order must not end the lock before it. */
async function keepOpen(): Promise<void> {
  // Loaded when needed: that takes a tenth of the time of `df --help`.
  const { spawn } = await import('node:child_process');
  const keeper = spawn('/bin/sh', ['-c', 'read -r _'], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a process to spare the lock is lost, and the wall stands.
  keeper.once('error', () => undefined);
  keeper.unref();
  if (keeper.stdin !== null && 'unref' in keeper.stdin && typeof keeper.stdin.unref === 'function')
    keeper.stdin.unref();
}
