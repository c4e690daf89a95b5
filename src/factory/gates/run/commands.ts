import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { Project, ProjectSettings } from '../../model/project.ts';
import type { GitManager } from '../../ports.ts';
import { findEcosystem } from '../ecosystems/ecosystem.ts';
import type { FoundCommand, RepositoryCommands } from '../ecosystems/types.ts';
import { gateChecks } from './checks.ts';

type Reader = Pick<GitManager, 'listFiles' | 'showFile'>;

/** How the repository is tested and set up, by its base commit. */
export async function projectEcosystem(git: Reader, project: Project): Promise<RepositoryCommands> {
  const paths = await git.listFiles(project.repository, project.baseCommit);
  return findEcosystem(baseTree(git, project, paths));
}

/** The checks of one persona's gate. */
export async function personaChecks(git: Reader, project: Project, persona: string): Promise<GateCheck[]> {
  const config = project.personas.find((each) => each.templateName === persona);
  if (config === undefined) throw new Error(`The project ${project.id} has no persona ${persona}.`);
  return gateChecks(config.acceptanceCriteria, project.settings, await projectEcosystem(git, project));
}

/** What config.yaml says of set-ups. */
export interface SetupSettings {
  /** `worktree.setup`. */
  general: string | undefined;
  /** `sandbox.setupNetwork`. */
  network: boolean;
}

/**
 * What is run once to make a project's packages: the command given with the project, else the one of config.yaml, else the
 * install that belongs to the lock file or, where there is none, to what is declared.
 */
export async function setupCommand(
  git: Reader,
  project: Project,
  settings: SetupSettings,
): Promise<FoundCommand | null> {
  return chosenSetup(project.settings, settings, await projectEcosystem(git, project));
}

export function chosenSetup(
  { setup: given }: Pick<ProjectSettings, 'setup'>,
  { general, network }: SetupSettings,
  { setup: found }: Pick<RepositoryCommands, 'setup'>,
): FoundCommand | null {
  if (given === null) return null;
  if (given !== undefined) return { command: given, source: 'settings' };
  if (general !== undefined) return { command: general, source: 'config.yaml' };
  // Without a network there is nothing to resolve from; many repositories can be tested without.
  return found?.unlocked && !network ? null : found;
}

/** The ecosystem of a project's base commit, read through git. */
export function baseTree(git: Pick<GitManager, 'showFile'>, project: Project, paths: readonly string[]) {
  const known = new Set(paths);
  return {
    paths,
    has: (path: string) => known.has(path),
    read: (path: string) => git.showFile(project.repository, project.baseCommit, path),
  };
}
