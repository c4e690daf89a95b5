import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
/** Who is running, named so that another process can tell later whether it still is. */
import { errorCode, isMissing } from '../errno.ts';
import { fieldsOf, isThere, processNamespace } from './others.ts';
import { runProgram } from './run-program.ts';

/** `foreign`: on another machine, in another container or before a reboot; from here nobody can tell. */
export type Liveness = 'alive' | 'dead' | 'foreign';

/** A process, named so that no other one ever has this name. */
export interface ProcessName {
  /** Machine, boot and process namespace. */
  host: string;
  pid: number;
  startedAt: string;
}

export interface Processes {
  /** This process. `host` names machine, boot and process namespace, so that a pid means one process alone. */
  self(): Promise<ProcessName>;
  /** A stopped or suspended process is alive; a zombie, or another process with the same pid, is not. */
  liveness(holder: ProcessName): Promise<Liveness>;
}

export function createProcesses(): Processes {
  let own: Promise<ProcessName> | undefined;
  const self = (): Promise<ProcessName> => {
    own ??= describeSelf();
    return own;
  };
  return {
    self,
    async liveness(holder) {
      const { host } = await self();
      if (holder.host !== host && holder.host !== shortHost(host)) return 'foreign';
      const startedAt = await startOf(holder.pid);
      if (startedAt === null) return 'dead';
      return startedAt === UNKNOWN || holder.startedAt === UNKNOWN || startedAt === holder.startedAt
        ? 'alive'
        : 'dead';
    },
  };
}

/** Stands for a host where there is little room: the beginning of the machine's name, and a hash over all. */
export function shortHost(host: string): string {
  const hash = createHash('sha256').update(host).digest('base64url');
  return `${host.split('/', 1)[0]?.replaceAll(/\s/g, '').slice(0, 11)}/${hash.slice(0, 10)}`;
}

/** The process is there, but its start time may not be seen. */
const UNKNOWN = 'unknown';

async function describeSelf(): Promise<ProcessName> {
  return {
    host: await hostIdentity(),
    pid: process.pid,
    startedAt: (await startOf(process.pid)) ?? UNKNOWN,
  };
}

async function hostIdentity(): Promise<string> {
  if (process.platform === 'linux') {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    return `${hostname()}/${boot}/${processNamespace()}`;
  }
  const boot = await output('sysctl', ['-n', 'kern.boottime']);
  return `${hostname()}/${/\d+/.exec(boot)?.[0] ?? UNKNOWN}`;
}

/** @returns something that differs between two processes with one pid, `unknown`, or `null` when there is no such process */
async function startOf(pid: number): Promise<string | null> {
  if (!isThere(pid)) return null;
  if (process.platform !== 'linux') {
    const started = (await output('ps', ['-o', 'lstart=', '-p', String(pid)])).trim();
    return started === '' ? null : started.replace(/\s+/g, ' ');
  }
  try {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = fieldsOf(line);
    // Killed in the midst of writing, a process is a zombie while a thread of it still ends its last call: that may make a file.
    if (fields[0] === 'X' || (fields[0] === 'Z' && (await readdir(`/proc/${pid}/task`)).length <= 1))
      return null;
    return fields[19] ?? UNKNOWN;
  } catch (error) {
    // Gone meanwhile, or hidden from us (hidepid): then only the signal can tell.
    if (isMissing(error) || errorCode(error) === 'ESRCH') return isThere(pid) ? UNKNOWN : null;
    throw error;
  }
}

async function output(program: string, args: string[]): Promise<string> {
  // `ps` ends with 1 for a pid that is gone, and a stripped system may lack the program: no answer either way.
  const { stdout, problem } = await runProgram(program, args, { env: process.env, timeoutMs: 5_000 });
  return problem === null ? stdout : '';
}
