/** What runs of one command have in common. Apart, since all that lists tasks needs it. */
import type { Criterion, Evidence } from '../../model/task.ts';

/** Runs of one command have one: of criteria, two of which may have one name, the command says which. A gate has each name once. */
export function runKey({ kind, name, command = '' }: Pick<Evidence, 'kind' | 'name' | 'command'>): string {
  return kind === 'criterion' ? `${kind}:${name}:${command}` : `${kind}:${name}`;
}

/** Whether this is what was run for a criterion as it is now. */
export function isRunOf(run: Evidence, { name, command }: Criterion): boolean {
  return run.kind !== 'audit' && run.name === name && run.command === command;
}

/** The newest entry of each command, and the newest verdict. */
export function newestEvidence(evidence: readonly Evidence[]): Evidence[] {
  return [...new Map(evidence.map((each) => [runKey(each), each])).values()];
}
