import { getPriority } from 'node:os';

/** Stands on the sandbox's own standard error when all is built and the command starts, and before all output. */
export const STARTED = '\0';

/** Where the programs are that build a sandbox, whatever the command's own PATH. */
export const BUILD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Sizes of `ulimit -f` are in these units for a POSIX shell. */
const BLOCK = 512;
/** Linux takes no argument of 128 KiB; in characters, of which UTF-8 makes up to three bytes. */
const LONGEST_ARGUMENT = 40_000;
/** Together with the environment they have to fit into 2 MiB. */
const LONGEST_COMMAND = 500_000;
/**
 * How far a command stands back behind the factory, which has leases to renew, and behind the owner's own work. On a machine
 * with nothing else to do it is as fast as ever; on a busy one a third of a share keeps it from starving.
 */
export const NICENESS = 5;
/** So many words stand before it in /proc/self/stat; the name of a shell is one. */
const NICE_FIELD = 18;
const LAST = 19;
const JOINED =
  'df_command=; for df_part; do df_command=$df_command$df_part; done; set --; eval "$df_command"';

export interface ShellLimits {
  /** Largest file that the command may write, in bytes. */
  fileSize: number;
  /** Bound of the kernel on processes and threads, where it counts them by sandbox; elsewhere a control group may be open to be entered. */
  maxTasks?: number | undefined;
}

/**
 * Arguments that run a program with limits, both streams in one. Its output begins with `STARTED`: whoever reads it knows by
 * that mark that the output arrives at all.
 *
 * The outer shell stays as the first process of the namespace: it collects orphans, is not ended by signals from inside,
 * and its end is the end of all. Standard error is the sandbox's own until the program starts, so that a sandbox that fails
 * can be told from a command that fails.
 */
export function limited(program: readonly string[], { fileSize, maxTasks }: ShellLimits): string[] {
  const script = [
    'umask 022',
    'ulimit -c 0',
    `ulimit -f ${Math.max(1, Math.floor(fileSize / BLOCK))}`,
    // Shells disagree on the letter; where neither is known the watch on the tree remains.
    maxTasks === undefined
      ? '{ printf 0 >&3; } 2>/dev/null; exec 3>&-'
      : `{ ulimit -u ${maxTasks} || ulimit -p ${maxTasks} || :; } 2>/dev/null`,
    String.raw`printf '\0' >&2`,
    'exec 2>&1',
    String.raw`printf '\0'`,
    // Its starter has stood it back already, but for the case that it came too late. A system without the program is served by
    // the control group, or by the watch on the tree.
    `set -- "$0" "$@"; { read -r ${'_ '.repeat(NICE_FIELD)}df_nice _ < /proc/self/stat; } 2>/dev/null`,
    `if [ "\${df_nice:-0}" -lt ${nicenessOfCommands()} ] && command -v nice >/dev/null; then set -- nice -n ${NICENESS} "$@"; fi`,
    '"$@"',
    'exit $?',
  ];
  return ['/bin/sh', '-c', script.join('; '), ...program];
}

/** Behind this process, wherever it stands itself. */
export function nicenessOfCommands(): number {
  return Math.min(LAST, getPriority() + NICENESS);
}

/** A shell with a command line; a long one comes in several arguments. */
export function shellCommand(shell: string, command: string): string[] {
  if (command.length <= LONGEST_ARGUMENT) return [shell, '-c', command];
  return [shell, '-c', JOINED, shell, ...pieces(command)];
}

/** Why a command line cannot be run at all; `null` when it can. */
export function commandProblem(command: string): string | null {
  if (command.includes('\0')) return 'The command holds a NUL character, which no command line can hold.';
  return command.length > LONGEST_COMMAND
    ? `The command is longer than ${LONGEST_COMMAND} characters. Write it to a file and run that.`
    : null;
}

/** Cut so that no character of two units is torn. */
function pieces(command: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < command.length; ) {
    let end = Math.min(command.length, at + LONGEST_ARGUMENT);
    if (end < command.length && /[\ud800-\udbff]/.test(command.charAt(end - 1))) end -= 1;
    found.push(command.slice(at, end));
    at = end;
  }
  return found;
}
