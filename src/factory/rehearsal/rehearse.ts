import { hoursLength } from '../config/work-hours.ts';
import { totalOf } from '../history/estimate.ts';
import { estimateProjects } from '../history/estimate-projects.ts';
import type { Sandbox } from '../ports.ts';
import { baseKey, judgeBase, type TriedBase, tryBase } from './base.ts';
import type { Asked, Note, Planned, RehearseDeps } from './deps.ts';
import { estimateFindings, nightFindings } from './estimate-findings.ts';
import { type Finding, info, type Rehearsal, rehearsed, warn } from './finding.ts';
import { diskFindings, machineFindings } from './machine-findings.ts';
import { noteAlike, orFinding } from './note-alike.ts';
import { lookAtProviders } from './providers.ts';

/**
 * All of a night but the models: whether these projects could be worked on. Costs one probe for each provider, and leaves nothing.
 *
 * @throws the signal's reason
 */
export async function rehearse(
  deps: RehearseDeps,
  asked: readonly Asked[],
  signal: AbortSignal,
): Promise<Rehearsal> {
  const told = new Map<Asked, Finding[]>(asked.map((each) => [each, []]));
  const note: Note = (whose, findings) => {
    if (findings.length === 0) return;
    for (const each of whose) told.get(each)?.push(...findings);
    deps.found(whose.length === asked.length ? [] : whose.map(({ name }) => name), findings);
  };
  await noteAlike(note, asked, async ({ findings }) => findings);
  const planned = asked.filter((each): each is Planned => each.project !== undefined);
  if (planned.length > 0) {
    deps.doing([], 'the machine');
    const checks = await deps.checks();
    note(asked, machineFindings(checks));
    const sandbox = await orFinding(deps.sandbox);
    signal.throwIfAborted();
    // Rates and reservations stand in Redis: without it nobody is asked.
    if (checks.every(({ name, status }) => name !== 'redis' || status !== 'fail'))
      await lookAtProviders(deps, planned, note, signal);
    await lookAtEstimates(deps, planned, note);
    if ('found' in sandbox) note(asked, [sandbox.found]);
    else await lookAtBases(deps, sandbox.value, planned, note, signal);
    await noteAlike(note, planned, async (each) => waitsFor(each, planned, told));
  }
  const projects = asked.map((each) => rehearsed(each.name, told.get(each) ?? []));
  return { ready: projects.every(({ ready }) => ready), projects };
}

async function lookAtEstimates(deps: RehearseDeps, planned: readonly Planned[], note: Note): Promise<void> {
  const { workHours, budgets, limits, workers } = deps.config;
  const allowed = { hoursMs: hoursLength(deps.config), workHours, perDay: budgets.perDay };
  const projects = planned.map(({ project }) => project);
  const estimates = await estimateProjects(deps.history, deps.config, projects);
  const of = new Map(planned.map((each, index) => [each, estimates[index]]));
  await noteAlike(note, planned, async (each) => {
    const estimated = of.get(each);
    return estimated === undefined ? [] : estimateFindings(estimated, each.project, allowed);
  });
  const atOnce = Math.min(limits.openProjects, workers.concurrency);
  note(planned, nightFindings(totalOf(estimates), allowed, atOnce));
}

const NO_WALLS = warn(
  'Commands of agents run without a sandbox (sandbox.mode: off)',
  'Set sandbox.mode to auto, unless this machine is itself a sandbox',
);

/** Projects that begin alike are tried once. */
async function lookAtBases(
  deps: RehearseDeps,
  sandbox: Sandbox,
  planned: readonly Planned[],
  note: Note,
  signal: AbortSignal,
): Promise<void> {
  if (sandbox.mechanism === 'off') note(planned, [NO_WALLS]);
  const alike = new Map<string, [Planned, ...Planned[]]>();
  for (const each of planned) {
    const key = await baseKey(deps, each.project);
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [each]);
    else group.push(each);
  }
  const trees: number[] = [];
  for (const [first, ...others] of alike.values()) {
    const group = [first, ...others];
    const whose = group.map(({ name }) => name);
    const progress = (what: string) => deps.doing(whose, what);
    const tried = await orFinding(() => tryBase({ ...deps, sandbox, progress }, first.project, signal));
    signal.throwIfAborted();
    if ('found' in tried) {
      note(group, [tried.found]);
      continue;
    }
    const { value } = tried;
    trees.push(...group.map(() => value.bytes));
    await noteAlike(note, group, async ({ project }) => judgedBase(deps, project, value));
  }
  const atOnce = deps.config.limits.openProjects;
  for (const folder of [deps.worktrees, ...new Set(planned.map(({ project }) => project.repository))]) {
    const space = await deps.spaceOf(folder);
    const need = {
      limit: deps.config.limits.diskFree,
      trees: folder === deps.worktrees ? trees : [],
      atOnce,
    };
    if (space !== null) note(planned, diskFindings(folder, space, need));
  }
}

async function judgedBase(
  deps: RehearseDeps,
  project: Planned['project'],
  tried: TriedBase,
): Promise<Finding[]> {
  const found = await judgeBase(deps, project, tried);
  const { on, onCommit, baseBranch } = project;
  if (on === undefined || onCommit !== undefined) return found;
  const what = `It begins from what ${baseBranch} comes to; set-up and gate were tried where that is now`;
  return [...found, info(what, 'Nothing: both run again when it begins')];
}

/** A project that comes after one that would fail. */
function waitsFor(
  { project }: Planned,
  planned: readonly Planned[],
  told: ReadonlyMap<Asked, readonly Finding[]>,
): Finding[] {
  const before = planned.filter((each) => project.after?.includes(each.project.id) === true);
  const failing = before.filter((each) => told.get(each)?.some(({ level }) => level === 'error') === true);
  if (failing.length === 0) return [];
  const names = failing.map(({ name }) => name).join(', ');
  return [warn(`It comes after ${names}, which would fail: then it waits for you`, `See to ${names} first`)];
}
