/** Other processes of this machine, as far as this user may look at them and act on them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hasCode, isUnseen, orNullSync } from '../errno.ts';

/** Process ids mean something only among processes that share them: two containers may share a folder. */
export function processNamespace(): string {
  return process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid').replace(/\D/g, '') : '0';
}

/** Is there a process with this id? One of another user counts, and so does a zombie. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    if (hasCode(error, 'EPERM')) return true;
    throw error;
  }
}

/** A zombie does nothing any more: its children have another parent by now. */
export function isAlive(pid: number): boolean {
  if (!isThere(pid)) return false;
  if (process.platform !== 'linux') return true;
  const line = readProc(pid, 'stat');
  return line !== null && !'ZX'.includes(fieldsOf(line)[0] ?? 'X');
}

/** Fields of a `/proc/<pid>/stat` from the state on: the name before it stands in parentheses and may hold anything. */
export function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Nothing where it is gone already. @param pid negative: a process group */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/** `null`: this system has no `/proc`. */
export function processIds(): number[] | null {
  return orNullSync(() => readdirSync('/proc').map(Number).filter(Number.isInteger), isUnseen);
}

/** Text of a file of `/proc/<pid>`; `null` where the process is gone, or another user's. */
export function readProc(pid: number, name: string): string | null {
  return orNullSync(() => readFileSync(`/proc/${pid}/${name}`, 'utf8'), isUnseen);
}

/** Other processes whose environment holds `NAME=value`; none where there is no `/proc`. */
export function processesWith(mark: string): number[] {
  return (processIds() ?? []).filter(
    (pid) => pid > 1 && pid !== process.pid && readProc(pid, 'environ')?.split('\0').includes(mark) === true,
  );
}
