/** What commander parsed for one command, before any of it is trusted. */
export interface Invocation {
  /** Positional arguments in order; those of a variadic argument follow each other. */
  args: readonly string[];
  options: Readonly<Record<string, unknown>>;
}

/** The value of `--name TEXT`, `undefined` when it was not given. */
export function textOption({ options }: Invocation, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** `--name` was given; also for options that default to true and have a `--no-name`. */
export function flagOption({ options }: Invocation, name: string): boolean {
  return options[name] === true;
}

/** `--no-name` was given. */
export function switchedOff({ options }: Invocation, name: string): boolean {
  return options[name] === false;
}

/** All values of an option that may be repeated. */
export function textOptions({ options }: Invocation, name: string): string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

/** The positional argument that commander has already insisted on. */
export function requiredArgument({ args }: Invocation, index = 0): string {
  return args[index] ?? '';
}
