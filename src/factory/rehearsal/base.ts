import type { Config } from '../config/config.ts';
import { judgeBaseline } from '../gates/run/baseline.ts';
import { baseTree, projectEcosystem } from '../gates/run/commands.ts';
import { planGates } from '../gates/run/gate-plan.ts';
import { baselineChecks, type PersonaGateDeps, personaGate } from '../gates/run/persona-gate.ts';
import type { QualityReport } from '../model/gates/gate-report.ts';
import type { Project } from '../model/project.ts';
import type { ScratchTrees, Workspace } from '../ports/workspace.ts';
import { baseFindings, notCheckedFinding } from './base-findings.ts';
import { error, type Finding, warn } from './finding.ts';

export interface BaseDeps extends Omit<PersonaGateDeps, 'trees'> {
  config: Pick<Config, 'gates' | 'worktree' | 'sandbox'>;
  workspace: ScratchTrees & Pick<Workspace, 'trySetup'>;
  /** Bytes below a folder. */
  sizeOf(folder: string): Promise<number>;
}

/** What came of set-up and gate on a base commit. */
export interface TriedBase {
  /** Why the set-up failed; then there was no gate. */
  problem: string | null;
  notes: readonly string[];
  report?: QualityReport;
  /** Of a tree of the commit with all that is copied into it. */
  bytes: number;
}

/** What must be the same for two projects to have the same set-up and the same gate before the work. */
export async function baseKey(deps: Pick<BaseDeps, 'projects'>, project: Project): Promise<string> {
  const { repository, baseCommit, settings, personas } = project;
  const { setup, sealed, sealWith } = settings;
  const checks = await baselineChecks(deps.projects, project);
  const [first] = personas;
  return JSON.stringify([
    repository,
    baseCommit,
    setup,
    sealed,
    sealWith !== undefined,
    checks,
    first?.templateName,
  ]);
}

/** Set-up and gate as they are before the first step, in trees that go again. */
export async function tryBase(deps: BaseDeps, project: Project, signal: AbortSignal): Promise<TriedBase> {
  const { workspace } = deps;
  deps.progress('set-up');
  const { problem, notes } = await workspace.trySetup(project, signal);
  signal.throwIfAborted();
  if (problem !== null) return { problem, notes, bytes: 0 };
  let bytes = 0;
  const trees: ScratchTrees = {
    async scratchTree(...asked) {
      const tree = await workspace.scratchTree(...asked);
      bytes = Math.max(bytes, await deps.sizeOf(tree.folder));
      return tree;
    },
  };
  const persona = project.personas[0]?.templateName ?? '';
  const order = { id: `baseline-${project.id}`, kind: 'baseline', round: 0, signal } as const;
  const on = { commit: project.baseCommit, words: project };
  const report = await personaGate({ ...deps, trees }, project, persona, { ...order, on });
  signal.throwIfAborted();
  return { problem, notes, report, bytes };
}

/** What that means for a project, which need not be the one that it was tried with. */
export async function judgeBase(
  deps: Pick<BaseDeps, 'git' | 'projects' | 'config'>,
  project: Project,
  { problem, notes, report }: TriedBase,
): Promise<Finding[]> {
  const { gates } = deps.config;
  const found = notes.map((note) =>
    warn(note, 'See that the work can do without, or give a set-up with --setup CMD'),
  );
  if (problem !== null) return [...found, setupFinding(problem)];
  if (report === undefined) return found;
  const paths = await deps.git.listFiles(project.repository, project.baseCommit);
  const tree = baseTree(deps.git, project, paths);
  const plan = await planGates(deps.config, project, await projectEcosystem(deps.git, project), tree);
  const judged = await judgeBaseline(deps, project, report);
  return [
    ...found,
    ...baseFindings(judged, project.description, gates.knownFailures === 'allow'),
    ...plan.notChecked.map(({ name, why }) => notCheckedFinding(name, why)),
  ];
}

/** The file with its output goes with the rehearsal. */
function setupFinding(problem: string): Finding {
  return error(
    problem.replace(/, output in output\/\S+?\.log/, ''),
    'Run it by hand on the base commit. Give another set-up with --setup CMD, none with --no-setup, or let it have the network (sandbox.setupNetwork)',
  );
}
