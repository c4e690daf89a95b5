import type { Notice } from '../factory/model/notifications/notification.ts';
import type { Sent } from '../factory/ports.ts';
import { sendSignal } from '../lib/process/others.ts';
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
export async function runNotifier(
  command: string,
  notice: Notice,
  body: unknown,
  { env, folder, timeoutMs = COMMAND_TIMEOUT_MS }: CommandPlace,
  signal: AbortSignal,
): Promise<Sent> {
  const own = Object.fromEntries(PASSED.map((name) => [name, env[name]]));
  const { execa } = await import('execa');
  const child = execa('/bin/sh', ['-c', command], {
    cwd: folder,
    env: { ...own, DF_NOTICE_ID: notice.id, DF_NOTICE_KIND: notice.kind },
    extendEnv: false,
    input: `${JSON.stringify(body)}\n`,
    stdout: 'ignore',
    buffer: false,
    reject: false,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    cancelSignal: signal,
    // A group of its own, so that its children can be ended with it.
    detached: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-TAIL);
  });
  // At the end of the command itself: a child in the background that keeps the pipe open must not hold this up.
  child.once('exit', () => {
    if (child.pid !== undefined) sendSignal(-child.pid, 'SIGKILL');
    child.stderr.destroy();
  });
  const { exitCode, signal: killedBy, timedOut, isCanceled, originalMessage } = await child;
  if (timedOut) return { ok: false, problem: `it took longer than ${timeoutMs / 1_000} s` };
  if (isCanceled) return { ok: false, problem: 'the worker is going down' };
  if (exitCode === 0) return { ok: true };
  const ended = exitCode ?? killedBy;
  if (ended === undefined) return { ok: false, problem: `it could not be started: ${originalMessage}` };
  return { ok: false, problem: `it ended with ${ended}${complaint(said)}` };
}

function complaint(said: string): string {
  const text = redactText(said).trim();
  return text === '' ? '' : `: ${text}`;
}
