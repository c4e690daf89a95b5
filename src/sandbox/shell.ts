/** Sizes of `ulimit -f` are in these units for a POSIX shell. */
const BLOCK = 512;

export interface ShellOptions {
  /** The shell for the command: bash where there is one. */
  shell: string;
  /** Largest file that the command may write, in bytes. */
  fileSize: number;
  /** Bound of the kernel on processes and threads, where it holds (not for root). */
  maxTasks?: number | undefined;
}

/**
 * Arguments that run `command` with limits, both streams in one.
 *
 * The outer shell stays as the first process of the namespace: it collects orphans, gets no signal from inside that it does
 * not want, and its end is the end of all. Standard error is the sandbox's own until the command starts, so that a sandbox
 * that fails can be told from a command that fails.
 */
export function commandArguments(
  command: readonly [string, ...string[]],
  options: Omit<ShellOptions, 'shell'>,
): string[] {
  const limits = [`ulimit -c 0`, `ulimit -f ${Math.max(1, Math.floor(options.fileSize / BLOCK))}`];
  if (options.maxTasks !== undefined)
    limits.push(`{ ulimit -u ${options.maxTasks} || ulimit -p ${options.maxTasks}; } 2>/dev/null`);
  const script = ['umask 022', ...limits, 'exec 2>&1', '"$0" "$@"', 'exit $?'].join('; ');
  return ['/bin/sh', '-c', script, ...command];
}

/** `bash -c …`, or a script file for a command that is too long for an argument. */
export function shellCommand(shell: string, command: string): [string, ...string[]] {
  return [shell, '-c', command];
}
