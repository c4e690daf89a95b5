/** Where commands have their private home, in the private `/tmp`. */
export const INSIDE_HOME = '/tmp/home';

/** Variables that would act on the sandbox's own program, outside, before the command starts. */
const STEERS_LOADER = /^(LD_|DYLD_|GCONV_PATH$|GLIBC_TUNABLES$|LOCPATH$|NLSPATH$|MALLOC_)/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface EnvironmentParts {
  /** Folders in which commands are looked for. */
  path: readonly string[];
  shell: string;
  /** What found toolchains need to find themselves, for example `RUSTUP_HOME`. */
  toolchains: Readonly<Record<string, string>>;
  host: Readonly<Record<string, string | undefined>>;
  /** Names of host variables that the owner lets through. */
  pass: readonly string[];
  home?: string;
  temporary?: string;
}

/**
 * The environment of every command: made from nothing, not from the host's, so that no key, token or address leaks by being
 * forgotten on a list of exceptions.
 */
export function baseEnvironment(parts: EnvironmentParts): Record<string, string> {
  const passed = parts.pass.flatMap((name) => {
    const value = parts.host[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    PATH: parts.path.join(':'),
    HOME: parts.home ?? INSIDE_HOME,
    TMPDIR: parts.temporary ?? '/tmp',
    USER: 'agent',
    LOGNAME: 'agent',
    SHELL: parts.shell,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    CI: '1',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    NO_UPDATE_NOTIFIER: '1',
    npm_config_update_notifier: 'false',
    npm_config_fund: 'false',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    ...parts.toolchains,
    ...allowed(Object.fromEntries(passed)),
  };
}

/** Without names that are none and without those that would steer the sandbox's own program. */
export function allowed(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter(
      ([name, value]) => NAME.test(name) && !STEERS_LOADER.test(name) && !value.includes('\0'),
    ),
  );
}
