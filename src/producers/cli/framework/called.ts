/** What the words of a command line say before any command is known. */

/** `df` when it is run as a script; the name of the link otherwise. */
export function programName(script: string | undefined): string {
  return /(^|[\\/])dark-factory(\.\w+)?$/.test(script ?? '') ? 'dark-factory' : 'df';
}

/** @param argv as in `process.argv` */
export function wantsOverview([, , first, second]: readonly string[]): boolean {
  return first === undefined || (['help', '--help', '-h'].includes(first) && second === undefined);
}

/** Bun tells where a program lies and not by which of its names it was called; the shell that started it knows. */
export function calledAs({ argv, env }: Pick<NodeJS.Process, 'argv' | 'env'>): string[] {
  const { DF_CALLED_AS: called } = env;
  delete env['DF_CALLED_AS'];
  const [runtime = '', script = '', ...args] = argv;
  return [runtime, called ?? script, ...args];
}
