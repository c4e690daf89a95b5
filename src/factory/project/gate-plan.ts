import { DarkFactoryError } from '../../lib/failure.ts';
import { type GateCheck, gateChecks, missingCommands } from '../gates/checks.ts';
import type { Ecosystem, FoundCommand } from '../gates/ecosystem.ts';
import { checkedOnes, withoutCommand } from '../gates/not-checked.ts';
import { TESTS } from '../gates/prove-tests.ts';
import type { NotChecked, PersonaConfig, ProjectSettings } from './project.ts';

/** How a project's work will be proved, as `df init` tells it. */
export interface GatePlan {
  checks: GateCheck[];
  notChecked: NotChecked[];
  /** What installs its packages; `null` for nothing. */
  setup: FoundCommand | null;
}

/**
 * @param skip `gates.missing: skip`
 * @throws DarkFactoryError `usage`/`tests_missing` where a persona asks for tests that nobody could run
 */
export function planGates(
  personas: readonly PersonaConfig[],
  settings: ProjectSettings,
  ecosystem: Ecosystem,
  skip: boolean,
): Omit<GatePlan, 'setup'> {
  const each = personas.flatMap(({ acceptanceCriteria }) =>
    gateChecks(acceptanceCriteria, settings, ecosystem),
  );
  const all = [...new Map(each.map((check) => [`${check.name}\0${check.command}`, check])).values()];
  if (all.some(({ name, command }) => name === TESTS && command === null)) {
    throw new DarkFactoryError(
      'usage',
      'tests_missing',
      'The repository names no way to run its tests at its base commit, and without tests nothing can be proved',
      'Say how with --test CMD, for example --test "npm test", also where the tests are still to be written; or do without ' +
        'them with --no-test.',
    );
  }
  const notChecked = skip ? withoutCommand(all) : [];
  return { checks: checkedOnes(all, notChecked), notChecked };
}

/** What an owner should know of checks that are required and have no command. */
export function planWarnings({ checks }: Pick<GatePlan, 'checks'>): string[] {
  return missingCommands(checks).map((sentence) => `${sentence} As it is, the gate cannot pass.`);
}
