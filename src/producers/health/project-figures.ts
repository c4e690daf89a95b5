import { countedEntries } from '../../factory/finance/books/costs.ts';
import { readAgents } from '../../factory/model/agents.ts';
import type { Project } from '../../factory/model/project.ts';
import { isOwn } from '../../factory/report/calibration.ts';
import { newestEvidence } from '../../factory/tasks/proof/runs.ts';
import type { Services } from '../../services.ts';

/**
 * What one project adds to the figures of the factory. A branch of a decision has the tasks of its parent, and gives them back with the
 * merge, so they are counted there; of its decisions those count that it made itself.
 */
export interface ProjectFigures {
  /** By provider's id. */
  providers: ReadonlyMap<string, ProviderUse>;
  /** By class of check (`tests`, `lint`, …, `criteria`), over all gates and all tasks. */
  checks: ReadonlyMap<string, { passed: number; failed: number }>;
  /** By status. */
  tasks: ReadonlyMap<string, number>;
  /** By reason. */
  switches: ReadonlyMap<string, number>;
  decisions: number;
  branches: number;
}

export interface ProviderUse {
  usd: number;
  /** What the lost ones may have cost on top of it. */
  possibleUsd: number;
  requests: number;
  /** Replies that never came. */
  lost: number;
  /** Requests whose time is known, and their milliseconds. */
  timed: number;
  responseMs: number;
}

const NO_USE: ProviderUse = { usd: 0, possibleUsd: 0, requests: 0, lost: 0, timed: 0, responseMs: 0 };

const CLASSES: Readonly<Record<string, string>> = { Tests: 'tests', Linter: 'lint', Formatter: 'format' };

export async function projectFigures(
  { state }: Pick<Services, 'state'>,
  project: Project,
): Promise<ProjectFigures> {
  const { id } = project;
  const [rows, reports, list, finance, agents] = await Promise.all([
    state.costs(id).readAll(),
    state.gates(id).list(),
    state.tasks(id).get(),
    state.finance(id).get(),
    readAgents(state, project),
  ]);
  const providers = new Map<string, ProviderUse>();
  for (const { provider, cost, possible, responseMs } of countedEntries(rows)) {
    const before = providers.get(provider) ?? NO_USE;
    providers.set(provider, {
      usd: before.usd + (possible ? 0 : cost),
      possibleUsd: before.possibleUsd + (possible ? cost : 0),
      requests: before.requests + (possible ? 0 : 1),
      lost: before.lost + (possible ? 1 : 0),
      timed: before.timed + (responseMs === undefined ? 0 : 1),
      responseMs: before.responseMs + (responseMs ?? 0),
    });
  }
  const checks = new Map<string, { passed: number; failed: number }>();
  const count = (name: string, passed: boolean) => {
    const before = checks.get(name) ?? { passed: 0, failed: 0 };
    checks.set(name, {
      passed: before.passed + (passed ? 1 : 0),
      failed: before.failed + (passed ? 0 : 1),
    });
  };
  for (const report of reports) {
    // What fails on the base commit says nothing of the work.
    if (report.kind === 'baseline') continue;
    for (const { name, passed, sealed } of report.checks)
      count(sealed ? 'sealed' : (CLASSES[name] ?? 'other'), passed);
  }
  const tasks = project.parentProjectId === undefined ? list.tasks : [];
  for (const { evidence } of tasks)
    for (const { kind, passed } of newestEvidence(evidence))
      if (kind === 'criterion') count('criteria', passed);
  return {
    providers,
    checks,
    tasks: countBy(tasks, ({ status }) => status),
    switches: countBy(finance.providerSwitches, ({ reason }) => reason),
    decisions: agents.flatMap(({ madeDecisions }) => madeDecisions).filter((each) => isOwn(project, each))
      .length,
    branches: project.childProjectIds.length,
  };
}

function countBy<T>(values: readonly T[], nameOf: (value: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(nameOf(value), (counts.get(nameOf(value)) ?? 0) + 1);
  return counts;
}
