/**
 * `nohup df up`: a program that is to go on when its terminal is closed. Node sets every signal back to its default as it starts,
 * so that nothing of what `nohup` set is left to see; what it leaves otherwise tells.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** For the workers that this process starts. */
const GOES_ON = 'DF_NOHUP';

/** To be called as the program starts. */
export function outliveHangUp(): void {
  if (!wasStartedByNohup(process.env)) return;
  process.env[GOES_ON] = '1';
  process.on('SIGHUP', () => undefined);
}

/** Whether closing the terminal is no request to end. */
export function outlivesHangUp(env: NodeJS.ProcessEnv): boolean {
  return env[GOES_ON] !== undefined;
}

function wasStartedByNohup(env: NodeJS.ProcessEnv): boolean {
  // Shells name the program that they start; nohup hands that on.
  if (outlivesHangUp(env) || basename(env['_'] ?? '') === 'nohup') return true;
  // In the place of a terminal it puts this file, and for input one that can only be written.
  return [1, 2].some((fd) => basename(fileOf(fd)) === 'nohup.out') || isWriteOnly(0);
}

function fileOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // No /proc, or nothing open.
  }
}

const ACCESS = 3;
const WRITE_ONLY = 1;

function isWriteOnly(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    return (Number.parseInt(flags ?? '0', 8) & ACCESS) === WRITE_ONLY;
  } catch {
    return false;
  }
}
