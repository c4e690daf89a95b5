import { done, type JobResult, skipped } from '../../../queues/jobs/result.ts';
import type { Config } from '../../config/config.ts';
import { ownersDescription } from '../../model/forge/issue-origin.ts';
import type { QualityReport } from '../../model/gates/gate-report.ts';
import type { Project } from '../../model/project.ts';
import type { StateStore, WorkDeps, Workspace } from '../../ports.ts';
import { findNotInstalled } from '../ecosystems/not-installed.ts';
import { baselineText } from './baseline-text.ts';
import { type Obstacle, obstacleText } from './checks.ts';
import { baseTree, chosenSetup, projectEcosystem } from './commands.ts';
import { setupWarnings } from './gate-plan.ts';
import { type BaselineFindings, findUnpassable, withNotChecked } from './not-checked.ts';
import { baselineChecks, gateEvent, type PersonaGateDeps, personaGate } from './persona-gate.ts';

export interface BaselineDeps extends PersonaGateDeps, WorkDeps {
  state: PersonaGateDeps['state'] & Pick<StateStore, 'project'>;
  config: Pick<Config, 'gates' | 'sandbox' | 'worktree'>;
  projects: WorkDeps['projects'];
  workspace: Pick<Workspace, 'forgetSetup'>;
}

/** What judging a baseline needs. */
export interface JudgeDeps extends Pick<PersonaGateDeps, 'git' | 'projects'> {
  config: Pick<Config, 'gates'>;
}

/** The state of affairs before the first step: what fails here is known from then on. */
export async function baselineGate(
  deps: BaselineDeps,
  { projectId, persona }: { projectId: string; persona: string },
): Promise<JobResult> {
  const { state, projects } = deps;
  const project = await state.project(projectId).get();
  if (project.status !== 'active' || project.baselineGate !== undefined) return skipped('not due any more');
  const active = await deps.whileActive(project, (signal) =>
    personaGate(deps, project, persona, { id: `baseline-${projectId}`, kind: 'baseline', round: 0, signal }),
  );
  if (active.stopped) return active.result;
  const { report, notChecked, unpassable } = await judgeBaseline(deps, project, active.value);
  await state.gates(projectId).save(report);
  await state.project(projectId).update((current) => ({
    ...withNotChecked(current, notChecked),
    // What is missing may be there the next time: then the set-up and this gate are made anew.
    ...(unpassable.length === 0 ? { baselineGate: report.id } : { prepared: false }),
    activeMs: current.activeMs + active.ms,
    updatedAt: deps.now(),
  }));
  const told = baselineText(report, project.description);
  await deps.record(gateEvent(report, told));
  if (unpassable.length > 0) {
    const next = 'Nothing was paid for yet. When it is fixed: df resume.';
    const why = [...unpassable.map(obstacleText), ...(await forgetSetup(deps, project)), next];
    await projects.pauseFor(projectId, 'owner', why.join(' '));
    return done(`${told.message}; it could never pass`);
  }
  await projects.dispatch(projectId);
  return done(told.message);
}

/** What a baseline's report says of the project: its set-up and commands are those of the base commit, its work is its own. */
export async function judgeBaseline(
  deps: JudgeDeps,
  project: Project,
  found: QualityReport,
): Promise<BaselineFindings> {
  const checks = await baselineChecks(deps.projects, project);
  const skip = deps.config.gates.missing === 'skip';
  const ecosystem = await projectEcosystem(deps.git, project);
  const loose = ecosystem.setup?.unlocked === true && !ABOUT_STYLE.test(ownersDescription(project));
  const findings = findUnpassable(found, checks, skip, loose);
  if (findings.unpassable.length > 0) return findings;
  return { ...findings, unpassable: await notInstalled(deps, project, findings.report) };
}

/**
 * What failing checks could not load although the repository declares it, and its remedy. What the owner speaks of may be the work itself,
 * and where known failures are allowed the others can be proved all the same.
 */
async function notInstalled(
  { config, git }: JudgeDeps,
  project: Project,
  { checks }: Pick<QualityReport, 'checks'>,
): Promise<Obstacle[]> {
  if (config.gates.knownFailures === 'allow') return [];
  const paths = await git.listFiles(project.repository, project.baseCommit);
  const tree = baseTree(git, project, paths);
  const told: Obstacle[] = [];
  for (const { name, command, output, passed, required } of checks) {
    if (passed || !required || command === undefined) continue;
    const missing = await findNotInstalled(tree, output);
    const left = missing.filter(({ module }) => !ownersDescription(project).includes(module));
    if (left.length === 0) continue;
    const named = left.slice(0, MOST_NAMED).map(({ module, source }) => `${module} (${source})`);
    told.push({
      what: `${name}: \`${command}\` needs ${named.join(', ')}: declared there, and not installed by the set-up.`,
      do: 'Give a set-up that installs it with --setup CMD at df init.',
    });
  }
  return told;
}

const MOST_NAMED = 8;

/** An assignment that is about what linters, formatters and compilers find. */
export const ABOUT_STYLE =
  /lint|\bxo\b|format|prettier|biome|ruff|flake8|style|\btypes?\b|typings?|typescript|\btsc\b|\btsd\b/i;

/** The next set-up is made anew. @returns what kept packages from being installed, in sentences */
async function forgetSetup({ config, git, workspace }: BaselineDeps, project: Project): Promise<string[]> {
  const problem = await workspace.forgetSetup(project.id);
  if (problem !== undefined) return [problem];
  const ecosystem = await projectEcosystem(git, project);
  const network = config.sandbox.setupNetwork;
  const setup = chosenSetup(project.settings, { general: config.worktree.setup, network }, ecosystem);
  return setupWarnings(setup, network, ecosystem);
}
