import { spawn } from 'node:child_process';
import type { Notice } from '../factory/model/notification.ts';
import type { Sent } from '../factory/ports.ts';
import { redactText } from '../lib/text/redact.ts';

export const COMMAND_TIMEOUT_MS = 30_000;
/** What a command gets of the environment. No key is among it. */
const PASSED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'DISPLAY',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
];
/** Of its complaints so many characters are kept. */
const TAIL = 300;

export interface CommandPlace {
  env: NodeJS.ProcessEnv;
  /** Where it runs. */
  folder: string;
  timeoutMs?: number;
}

/**
 * Runs the owner's own command, outside of the sandbox, with the notice as JSON on its standard input. Exit code 0 means
 * that it was told. At the end of its time it is killed with all its children.
 */
export function runNotifier(
  command: string,
  notice: Notice,
  body: unknown,
  { env, folder, timeoutMs = COMMAND_TIMEOUT_MS }: CommandPlace,
  signal: AbortSignal,
): Promise<Sent> {
  const own = Object.fromEntries(
    PASSED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: folder,
      env: { ...own, DF_NOTICE_ID: notice.id, DF_NOTICE_KIND: notice.kind },
      stdio: ['pipe', 'ignore', 'pipe'],
      // A group of its own, so that its children can be ended with it.
      detached: true,
    });
    let said = '';
    let cutBy: string | null = null;
    const cut = (why: string) => {
      cutBy ??= why;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => cut(`it took longer than ${timeoutMs / 1_000} s`), timeoutMs);
    const onAbort = () => cut('the worker is going down');
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const end = (sent: Sent) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      child.stderr.destroy();
      resolve(sent);
    };
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-TAIL);
    });
    // A command that does not read its input closes it early.
    child.stdin.on('error', () => {});
    child.once('error', (error) => end({ ok: false, problem: `it could not be started: ${error.message}` }));
    // `exit`, not `close`: a child in the background that keeps the pipe open must not hold this up.
    child.once('exit', (code, killedBy) => {
      killGroup(child.pid);
      if (cutBy !== null) end({ ok: false, problem: cutBy });
      else if (code === 0) end({ ok: true });
      else end({ ok: false, problem: `it ended with ${code ?? killedBy}${complaint(said)}` });
    });
    child.stdin.end(`${JSON.stringify(body)}\n`);
  });
}

function complaint(said: string): string {
  const text = redactText(said).trim();
  return text === '' ? '' : `: ${text}`;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // All of it is gone already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
