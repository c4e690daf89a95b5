import { isInstalled } from './installed.ts';

/** Each names in its first group what could not be started. */
const SAID: readonly RegExp[] = [
  // sh, dash and bash; zsh.
  /^\S+: (?:line )?\d+: ([^\s:]+): (?:command )?not found$/m,
  // bash, and managers of versions such as pyenv, whose programs stand in for others.
  /^[\w./-]+: ([^\s:]+): command not found$/m,
  /command not found: (\S+)$/m,
  // env and the like; make, which starts a plain command without a shell.
  /^\S*(?:env|xargs|timeout|nice): .*?['‘"]?([^\s'’‘":]+)['’"]?: No such file or directory$/m,
  /^g?make(?:\[\d+\])?: ([^\s:]+): (?:No such file or directory|Command not found)$/m,
  // What package managers say of programs that nobody installed, and what node says of a program within a package.
  /Command "([^"\s]+)" not found/,
  /npx canceled due to missing packages[^[\n]*\["([^"\]]+)/,
  /^npm (?:error|ERR!) .*request to https?:\/\/[^\s/]+\/(\S+) failed/m,
  /Cannot find module '[^']*\/node_modules\/((?:@[^/']+\/)?[^/']+)\//,
  /error: no such (?:sub)?command: `([^`\s]+)`/,
  /rustup could not choose a version of (\S+) to run/,
  /error: (toolchain '[^']+') is not installed/,
  /error: '((?:cargo-|rust)[^'\s]+)' is not installed for the toolchain/,
  // `python -m pytest`: the interpreter itself says it. Of a module that a program imports there is a traceback.
  /^\S*python[\d.]*: No module named ['"]?(\w+)/m,
  // Browsers, which are fetched apart from the packages that drive them: Playwright, Puppeteer, chrome-launcher, Karma.
  /Executable doesn't exist at (\/\S+)/,
  /Could not find (Chrom\w+|Firefox) \(ver\./,
  /No (Chrome) installations found/,
  /No binary for (\w+) browser/,
];

/** Options that pytest does not know without a plugin, and the plugin. */
const PLUGINS: readonly [RegExp, string][] = [
  [/--(?:no-)?cov\b/, 'pytest-cov'],
  [/(?:-n\b|--numprocesses|--dist)\b/, 'pytest-xdist'],
  [/--timeout\b/, 'pytest-timeout'],
  [/--benchmark-/, 'pytest-benchmark'],
  [/--asyncio-mode\b/, 'pytest-asyncio'],
  [/--reruns\b/, 'pytest-rerunfailures'],
  [/--random-order\b/, 'pytest-random-order'],
];
const UNKNOWN_OPTION = /^\S+: error: unrecognized arguments: (.+)\n\s*inifile: /m;

/** The plugin that settings of pytest ask for and that is not there: nothing ran. */
function missingPlugin(output: string): string | null {
  const options = UNKNOWN_OPTION.exec(output)?.[1];
  if (options === undefined) return null;
  return PLUGINS.find(([option]) => option.test(options))?.[1] ?? null;
}

/**
 * What package managers say where there is no network; each names in its first group the host. What a program under test asks for
 * is its tests' concern.
 */
const NO_NETWORK: readonly RegExp[] = [
  /^npm (?:warn|WARN|error|ERR!).* https?:\/\/([^\s/]+)\/\S* failed, reason:/m,
  /^npm (?:error|ERR!) network .*?\b(?:EAI_AGAIN|ENOTFOUND|ECONNREFUSED) ([\w.-]+)/m,
  /ERR_PNPM_\w+\s+.*?https?:\/\/([^\s/]+)\/.*(?:EAI_AGAIN|ENOTFOUND|ECONNREFUSED|fetch failed)/,
  /^error (?:An unexpected error occurred|Error): .*?https?:\/\/([^\s/]+)\/.*(?:EAI_AGAIN|ENOTFOUND|ECONNREFUSED)/m,
  /^\s*failed to download from `https?:\/\/([^\s/`]+)/m,
  /^go: .*"https?:\/\/([^\s/"]+)\/.*: dial tcp/m,
];

/** What package managers say of packages that nobody downloaded, where they may not ask for them; each names the package. */
const NOT_DOWNLOADED: readonly RegExp[] = [
  /^error: no matching package named `([^`]+)` found$/m,
  /^(?:\S+: )?(\S+)@v\S+: module lookup disabled by GOPROXY=off$/m,
  /Required package missing from disk\.[^\n]*\n\s*Missing package: (@?[^@\s]+)@/,
];

/** The package that a failed command could not do without, and that the set-up did not download. */
export function missingPackage({
  exitCode,
  output,
}: {
  exitCode?: number | null | undefined;
  output: string;
}): string | null {
  if (exitCode === 0) return null;
  for (const pattern of NOT_DOWNLOADED) {
    const name = pattern.exec(output)?.[1];
    if (name !== undefined) return name;
  }
  return null;
}

/**
 * What a failed command wanted to start and could not, for the machine does not have it: by the words of shells, package
 * managers and languages.
 *
 * A path of the repository (`./verify.sh`) is nothing that the machine lacks: to write it may be the task.
 */
export function missingProgram(result: {
  exitCode?: number | null | undefined;
  output: string;
}): string | null {
  if (result.exitCode === 0) return null;
  for (const pattern of SAID) {
    const name = pattern.exec(result.output)?.[1];
    if (name === undefined) continue;
    const ofRepository = name.includes('/') && !/^[/@]/.test(name) && !isInstalled(name);
    if (!ofRepository) return name;
  }
  return missingPlugin(result.output);
}

/** The host that a failed command wanted packages or news of them from, by the words of package managers; gates have no network. */
export function missingHost(result: { exitCode?: number | null | undefined; output: string }): string | null {
  if (result.exitCode === 0) return null;
  for (const pattern of NO_NETWORK) {
    const host = pattern.exec(result.output)?.[1];
    if (host !== undefined) return host;
  }
  return null;
}

/** What any program says of a host that it did not reach. */
const UNREACHED =
  /^.*(?:Could not resolve host|Network is unreachable|EAI_AGAIN|ENOTFOUND|ENETUNREACH|ECONNREFUSED|Temporary failure in name resolution|Failed to connect|getaddrinfo|Connection refused).*$/im;

/** The first line of an output that tells of a host that was not reached, `null` when there is none. */
export function speaksOfNetwork(output: string): string | null {
  return UNREACHED.exec(output)?.[0].trim() ?? null;
}

/** Frames of a stack that tell where: of Node, and of Python. */
const FRAMES = [
  /^\s+at (?:.*\()?((?:file:\/\/)?\/[^:()]+|node:[^:()]+|<anonymous>)[:)]/gm,
  /^\s+File "([^"]+)", line \d+/gm,
];
/** Nobody in the repository wrote what lies here. */
const FOREIGN = /\/node_modules\/|^node:|^<|\/(?:site|dist)-packages\/|\/lib(?:64)?\/python[\d.]+\//;
/** So many frames make a crash of it; one or two may stand in a finding. */
const LEAST_FRAMES = 4;

/** Whether a tool ended by an error of its own, before any code of the repository had a part in it. */
export function crashedByItself({
  exitCode,
  output,
}: {
  exitCode?: number | null | undefined;
  output: string;
}): boolean {
  if (exitCode === 0 || /occurred while linting/i.test(output)) return false;
  const frames = FRAMES.flatMap((frame) => [...output.matchAll(frame)].map((found) => found[1] ?? ''));
  return frames.length >= LEAST_FRAMES && frames.every((place) => FOREIGN.test(place));
}
