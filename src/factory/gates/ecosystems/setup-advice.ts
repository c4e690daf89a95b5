import { missingProgram } from './missing-program.ts';
import { INSTALL } from './node/node.ts';

/** Scripts of the repository's own package that an install runs. */
const OWN_SCRIPT = /\b(prepare|prepublish|preinstall|install|postinstall)\b/;
/** What npm, pnpm, yarn and bun say of a script that failed. */
const SCRIPT_FAILED =
  /npm (?:error|ERR!) (?:command failed|command (?:sh|bash)|code ELIFECYCLE)|ELIFECYCLE|\$ .*\n(?:.*\n)*error Command failed|error: \w+ script from .* exited/;

/** What an owner could try after a set-up failed; `null` where its output has to tell. */
export function setupAdvice(
  command: string,
  result: { exitCode?: number | null | undefined; output: string },
): string | null {
  const install = INSTALL.exec(command);
  if (install !== null && SCRIPT_FAILED.test(result.output)) {
    const script = OWN_SCRIPT.exec(result.output)?.[1];
    const flagged = command.replace(install[0], `${install[0]} --ignore-scripts`);
    return `A script that the install runs failed${script === undefined ? '' : ` (${script})`}. Where tests do not need what it makes, leave the scripts out: --setup "${flagged}"`;
  }
  if (install !== null && /\bERESOLVE\b/.test(result.output)) {
    const flagged = command.replace(install[0], `${install[0]} --legacy-peer-deps`);
    return `Packages ask for versions of each other that do not go together. As older versions of npm did, leave that out: --setup "${flagged}"`;
  }
  const program = missingProgram(result);
  return program === null
    ? null
    : `This machine has no ${program}: install it, give another set-up with --setup CMD, or none with --no-setup.`;
}
