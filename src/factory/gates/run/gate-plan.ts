import { usageError } from '../../../lib/failure.ts';
import type { Config } from '../../config/config.ts';
import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { NotChecked, Project } from '../../model/project.ts';
import type { BaseTree, FoundCommand, RepositoryCommands } from '../ecosystems/types.ts';
import { findUninstalled } from '../ecosystems/uninstalled.ts';
import { TESTS } from '../proof/fewer-tests.ts';
import { gateChecks, missingCommands } from './checks.ts';
import { chosenSetup } from './commands.ts';
import { checkedOnes, withoutCommand } from './not-checked.ts';

/** How a project's work will be proved, as `df init` tells it. */
export interface GatePlan {
  checks: GateCheck[];
  notChecked: NotChecked[];
  /** What installs its packages; `null` for nothing. */
  setup: FoundCommand | null;
  /** Sentences about what will probably go wrong later. */
  warnings: string[];
}

/**
 * @param ecosystem of the base commit
 * @throws DarkFactoryError `usage`/`tests_missing` where a persona asks for tests that nobody could run
 */
export async function planGates(
  config: Pick<Config, 'gates' | 'worktree' | 'sandbox'>,
  { personas, settings }: Pick<Project, 'personas' | 'settings'>,
  ecosystem: RepositoryCommands,
  tree: BaseTree,
): Promise<GatePlan> {
  const each = personas.flatMap(({ acceptanceCriteria }) =>
    gateChecks(acceptanceCriteria, settings, ecosystem),
  );
  const all = [...new Map(each.map((check) => [`${check.name}\0${check.command}`, check])).values()];
  if (all.some(({ name, command }) => name === TESTS && command === null)) {
    throw usageError(
      'tests_missing',
      'The repository names no way to run its tests at its base commit, and without tests nothing can be proved',
      'Say how with --test CMD, for example --test "npm test", also where the tests are still to be written; or do without ' +
        'them with --no-test.',
    );
  }
  const notChecked = config.gates.missing === 'skip' ? withoutCommand(all) : [];
  const checks = checkedOnes(all, notChecked);
  const network = config.sandbox.setupNetwork;
  const setup = chosenSetup(settings, { general: config.worktree.setup, network }, ecosystem);
  return {
    checks,
    notChecked,
    setup,
    warnings: [
      ...missingCommands(checks).map((sentence) => `${sentence} As it is, the gate cannot pass.`),
      ...setupWarnings(setup, network, ecosystem),
      ...(isOwners(setup) || settings.setup === null ? [] : await findUninstalled(tree, setup)),
    ],
  };
}

const isOwners = (setup: FoundCommand | null) =>
  setup?.source === 'settings' || setup?.source === 'config.yaml';

/** What a set-up lacks that has no network, or is not run for want of one. */
export function setupWarnings(
  setup: FoundCommand | null,
  network: boolean,
  { setup: found }: Pick<RepositoryCommands, 'setup'>,
): string[] {
  if (network || found === null || isOwners(setup)) return [];
  const needs = `The set-up "${found.command}" (from ${found.source}) installs packages, and set-ups have no network`;
  const how = 'Set sandbox.setupNetwork: true in config.yaml, or give another set-up with --setup CMD.';
  if (setup === null)
    return found.unlocked ? [`${needs}: what is declared there is not installed. ${how}`] : [];
  return [`${needs}, so it will probably fail. ${how}`];
}
