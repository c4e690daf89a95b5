import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { AcceptanceCriteria } from '../../model/personas/persona-config.ts';
import type { ProjectSettings } from '../../model/project.ts';
import type { SealedSettings } from '../../model/sealing/sealed.ts';
import type { FoundCommand, RepositoryCommands } from '../ecosystems/types.ts';

const KINDS = [
  { criterion: 'testsPass', kind: 'test', name: 'Tests', flag: '--test' },
  { criterion: 'lintPass', kind: 'lint', name: 'Linter', flag: '--lint' },
  { criterion: 'formatPass', kind: 'format', name: 'Formatter', flag: '--format' },
] as const;

/**
 * The checks of a persona's gate: its criteria, with commands from the owner's settings, else from the base commit.
 *
 * A command that the owner gave is run even where the persona does not ask for that kind of check; one that the owner
 * switched off (`--no-lint`) is not run at all.
 */
export function gateChecks(
  criteria: AcceptanceCriteria,
  settings: ProjectSettings,
  ecosystem: Pick<RepositoryCommands, 'test' | 'lint' | 'format' | 'guessed' | 'lintOfTests'>,
): GateCheck[] {
  const checks: GateCheck[] = [];
  for (const { criterion, kind, name } of KINDS) {
    const given = settings.commands[kind];
    const asked =
      criteria[criterion] || (kind === 'lint' && criteria.testsPass && ecosystem.lintOfTests === true);
    if (given === null || (given === undefined && !asked)) continue;
    const found: FoundCommand | null =
      given === undefined ? ecosystem[kind] : { command: given, source: 'settings' };
    checks.push({
      name,
      command: found?.command ?? null,
      expectedExitCode: 0,
      source: found?.source ?? 'nothing',
      ...(given === undefined && ecosystem.guessed?.some((each) => each === kind) ? { guessed: true } : {}),
    });
  }
  for (const { name, command, expectedExitCode } of criteria.customChecks) {
    checks.push({ name, command, expectedExitCode, source: 'persona' });
  }
  return checks;
}

/** One sentence per required check that has no command. */
export function missingCommands(checks: readonly GateCheck[]): string[] {
  return checks.filter((check) => check.command === null).map((check) => missingCommand(check.name));
}

/** The option of `df init` by which the owner says how a check is run. */
export function flagOf(checkName: string): string {
  return KINDS.find(({ name }) => name === checkName)?.flag ?? '--test';
}

/** What keeps a gate from ever passing whatever an agent does, and what its owner can do about it: whole sentences. */
export interface Obstacle {
  what: string;
  do: string;
}

export const obstacleText = ({ what, do: remedy }: Obstacle): string => `${what} ${remedy}`;

/** Why a check without a command fails, and what the owner can do. */
export function lacksCommand(checkName: string): Obstacle {
  const flag = flagOf(checkName);
  return {
    what: `${checkName}: required, but the repository names no command for it at its base commit.`,
    do: `Give one with ${flag} CMD at df init, or switch the check off with ${flag.replace('--', '--no-')}.`,
  };
}

export const missingCommand = (checkName: string): string => obstacleText(lacksCommand(checkName));

/** All that a gate runs, the sealed checks too: programs of the repository that these start come from the base commit. */
export function commandsOf({
  checks,
  sealed,
}: {
  checks: readonly Pick<GateCheck, 'command'>[];
  sealed?: Pick<SealedSettings, 'command'> | undefined;
}): string[] {
  const own = checks.flatMap(({ command }) => (command === null ? [] : [command]));
  return sealed === undefined ? own : [...own, sealed.command];
}
