import { countedEntries } from '../../factory/finance/books/costs.ts';
import { readAgents } from '../../factory/model/agents.ts';
import type { Project } from '../../factory/model/project.ts';
import { newestEvidence } from '../../factory/tasks/proof/runs.ts';
import type { Services } from '../../services.ts';

/** What one project adds to the figures of the factory. */
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
  requests: number;
  /** Replies that never came. */
  lost: number;
  /** Requests whose time is known, and their milliseconds. */
  timed: number;
  responseMs: number;
}

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
    const before = providers.get(provider) ?? { usd: 0, requests: 0, lost: 0, timed: 0, responseMs: 0 };
    providers.set(provider, {
      usd: before.usd + cost,
      requests: before.requests + 1,
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
  for (const { evidence } of list.tasks)
    for (const { kind, passed } of newestEvidence(evidence))
      if (kind === 'criterion') count('criteria', passed);
  return {
    providers,
    checks,
    tasks: countBy(list.tasks, ({ status }) => status),
    switches: countBy(finance.providerSwitches, ({ reason }) => reason),
    decisions: agents.reduce((sum, { madeDecisions }) => sum + madeDecisions.length, 0),
    branches: project.childProjectIds.length,
  };
}

function countBy<T>(values: readonly T[], nameOf: (value: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(nameOf(value), (counts.get(nameOf(value)) ?? 0) + 1);
  return counts;
}
