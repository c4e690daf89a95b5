/** Programs of the host that the factory itself asks for something: never a command of an agent, and no git. */
export interface ProgramOptions {
  /** All of its environment. */
  env: NodeJS.ProcessEnv;
  cwd?: string;
  timeoutMs?: number;
}

export interface ProgramResult {
  /** `undefined` when it was not started, or ended by a signal. */
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  /** There is no such program. */
  missing: boolean;
  /** Why it is no success, in one line; `null` after exit code 0. */
  problem: string | null;
}

/**
 * Runs a program to its end, by argv and without a shell, its input closed. How it ends is a value: it does not throw for a
 * program that is missing, fails, or takes too long (then it is killed).
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  { env, cwd, timeoutMs }: ProgramOptions,
): Promise<ProgramResult> {
  // Loaded when needed: `df --help` runs no program.
  const { execa } = await import('execa');
  const result = await execa(file, args, {
    env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    killSignal: 'SIGKILL',
    ...(cwd === undefined ? {} : { cwd }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
  return {
    exitCode: result.exitCode,
    stdout: result.stdout,
    stderr: result.stderr,
    timedOut: result.timedOut,
    missing: result.code === 'ENOENT',
    problem: result.failed ? (result.shortMessage ?? 'it failed') : null,
  };
}
