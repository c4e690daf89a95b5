import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { Criterion } from '../../model/task.ts';

/** Commands that end with 0 whatever the code does. `echo` and `printf` without a redirection change and ask nothing. */
const ALWAYS_ZERO =
  /^(?:true|:|\/(?:usr\/)?bin\/true|exit(?: +0)?|return 0|(?:echo|printf)(?:\s[^|<>`$]*)?)$/;
const ALWAYS_ONE = /^(?:false|\/(?:usr\/)?bin\/false|exit +[1-9]\d*)$/;

/** The command with what does not matter to its exit code taken away: blanks, comments, a shell around it, brackets. */
function bare(command: string): string {
  const text = command
    .replace(/(^|\s)#[^\n]*/g, '')
    .trim()
    .replace(/[;\s]+$/, '');
  const inner =
    /^(?:\/(?:usr\/)?bin\/)?(?:ba|da)?sh\s+-c\s+(["'])([\s\S]*)\1$/.exec(text)?.[2] ??
    /^\(([^()]*)\)$/.exec(text)?.[1] ??
    /^\{\s([^{}]*);?\s*\}$/.exec(text)?.[1];
  return inner === undefined ? text : bare(inner);
}

/**
 * Why a criterion can never fail, or `null` when it might.
 *
 * Only what is plain from the text: a command that is true by itself, or whose failure is thrown away at its end
 * (`npm test || true`, `npm test; exit 0`). Others that prove nothing are found by running them on the base commit.
 */
export function cannotFail({
  command,
  expectedExitCode = 0,
}: {
  command: string;
  expectedExitCode?: number;
}) {
  const text = bare(command);
  if (text === '') return 'its command is empty';
  const last = bare(
    text
      .split(/\|\||;|\n/)
      .at(-1)
      ?.trim() ?? text,
  );
  const parts = text.split(/&&|\|\||;|\n/).map((part) => bare(part));
  const constant = expectedExitCode === 0 ? ALWAYS_ZERO : ALWAYS_ONE;
  if (parts.every((part) => constant.test(part))) return 'its command ends the same whatever the code does';
  if (/\|\||;|\n/.test(text) && constant.test(last) && endsWithLast(text, constant))
    return 'its end throws the outcome of what it runs away';
  return null;
}

/** Whether the outcome of the whole is that of its last part: after `;`, a line end, or `||` with success. */
function endsWithLast(text: string, constant: RegExp): boolean {
  const separators = text.match(/&&|\|\||;|\n/g) ?? [];
  const last = separators.at(-1);
  // `a && exit 0`: a failure of `a` still shows. `set -e; a; true`: it does too.
  if (last === '&&' || last === undefined) return false;
  if (last === '||') return constant === ALWAYS_ZERO;
  return !/^\s*set -\w*e/.test(text);
}

/** Refusal of a task's criteria, for whoever gave them; `null` when all may be kept. */
export function criteriaProblem(
  title: string,
  criteria: readonly { name: string; command: string; expectedExitCode?: number }[],
): string | null {
  for (const [index, each] of criteria.entries()) {
    if (criteria.findIndex(({ name }) => name === each.name) < index)
      return `Task "${title}": two criteria have the name "${each.name}". Give each a name of its own.`;
    const why = cannotFail(each);
    if (why !== null) {
      return (
        `Task "${title}": the criterion "${each.name}" (\`${each.command}\`) proves nothing: ${why}. ` +
        'Give a command that fails now and passes when the task is done.'
      );
    }
  }
  return null;
}

/** What stands in for the criteria of a task that came without any: the persona's gate, as far as it has commands. */
export function criteriaOfPersona(checks: readonly GateCheck[]): Criterion[] {
  return checks.flatMap(({ name, command, expectedExitCode }) =>
    command === null ? [] : [{ name, command, expectedExitCode, fromPersona: true }],
  );
}
