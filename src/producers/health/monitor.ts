import type { HealthStatus } from '../../factory/diagnosis/health.ts';
import type { Project } from '../../factory/model/project.ts';
import { fresh } from '../../lib/async/fresh.ts';
import { createProcesses } from '../../lib/process/process.ts';
import type { Services } from '../../services.ts';
import { openFactoryLogs } from '../../state/logs/factory-logs.ts';
import { examineHealth, type Health } from './examine.ts';
import { exposition } from './exposition.ts';
import { metricsOf } from './metrics.ts';
import { type ProjectFigures, projectFigures } from './project-figures.ts';
import { addSpend, neverLess, projectSpend, type Spend, spendOf } from './spend.ts';

/** An answer is good for so many milliseconds, however often it is asked for. */
const FRESH_MS = 5_000;
/** Projects that figures are read of, the newest. A project that is over is read once. */
const NEWEST = 500;
const AT_ONCE = 8;

/** What a monitoring system asks again and again. */
export interface Monitor {
  health(): Promise<Health>;
  status(): Promise<HealthStatus>;
  /** Prometheus' text format. */
  metrics(): Promise<string>;
}

export function createMonitor(services: Services, env: NodeJS.ProcessEnv): Monitor {
  const over = new Map<string, ProjectFigures>();
  /** Of all projects; `final` once a project is over. */
  const spent = new Map<string, { spend: Spend; final: boolean }>();
  let highest = spendOf([]);
  const now = () => services.clock.now();
  const health = fresh(() => examineHealth(services, env), now, FRESH_MS);

  async function figuresOf(project: Project): Promise<ProjectFigures[]> {
    const known = over.get(project.id);
    if (known !== undefined) return [known];
    try {
      const figures = await projectFigures(services, project);
      if (project.settled) over.set(project.id, figures);
      return [figures];
    } catch (err) {
      // One project that cannot be read must not hide the figures of all others; health tells of it.
      services.log.warn({ projectId: project.id, err }, 'no figures of a project');
      return [];
    }
  }

  async function spendIn(project: Project): Promise<Spend> {
    const known = spent.get(project.id);
    if (known?.final) return known.spend;
    try {
      const spend = await projectSpend(services, project);
      spent.set(project.id, { spend, final: project.settled });
      return spend;
    } catch (err) {
      services.log.warn({ projectId: project.id, err }, 'no costs of a project');
      // What was known of it must not be missing in the sum.
      return known?.spend ?? spendOf([]);
    }
  }

  async function spendOfAll(projects: readonly Project[]): Promise<Spend> {
    const { costs } = openFactoryLogs(services.home, { clock: services.clock, processes: createProcesses() });
    const parts = [spendOf(await costs.readAll())];
    for (let at = 0; at < projects.length; at += AT_ONCE)
      parts.push(...(await Promise.all(projects.slice(at, at + AT_ONCE).map(spendIn))));
    highest = neverLess(highest, addSpend(parts));
    return highest;
  }

  const metrics = fresh(
    async () => {
      const [found, { projects }, { providers }] = await Promise.all([
        health(),
        services.state.listProjects(),
        services.state.providers().get(),
      ]);
      const newest = [...projects]
        .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
        .slice(0, NEWEST);
      const figures: ProjectFigures[] = [];
      for (let at = 0; at < newest.length; at += AT_ONCE)
        figures.push(...(await Promise.all(newest.slice(at, at + AT_ONCE).map(figuresOf))).flat());
      const ids = new Set(newest.map(({ id }) => id));
      for (const id of over.keys()) if (!ids.has(id)) over.delete(id);
      const providerIds = providers.map(({ id }) => id);
      const spend = await spendOfAll(projects);
      return exposition(metricsOf({ health: found, projects, figures, spend, providerIds }));
    },
    now,
    FRESH_MS,
  );

  return { health, status: async () => (await health()).status, metrics };
}

export type { Health };
