import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { LOOP } from '../../../src/git/start/shells.ts';

/** Living processes (not zombies) that name `mark`; only Linux tells. Shells that wait for the next git end by themselves. */
export function processesOf(mark: string): { pid: number; command: string }[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), command: describe(Number(name), mark) }))
    .filter((found): found is { pid: number; command: string } => found.command !== null);
}

function describe(pid: number, mark: string): string | null {
  try {
    const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
    const command = read('cmdline');
    // A zombie has no command line.
    if (command === '' || (command.includes(LOOP) && read(`task/${pid}/children`) === '')) return null;
    const named = [command, read('environ'), readlinkSync(`/proc/${pid}/cwd`)].some((text) =>
      text.includes(mark),
    );
    return named ? command.replaceAll('\0', ' ').trim() : null;
  } catch {
    // Ended while we looked, or not ours to look at.
    return null;
  }
}
