import { type DarkFactoryError, isFailure, usageError } from '../../lib/failure.ts';
import { requireProviders } from '../finance/calls/scope.ts';
import type { NewSealed } from '../gates/run/sealed.ts';
import { type CreateDeps, type PlannedProject, planProject } from '../lifecycle/create/create.ts';
import type { NewProject } from '../lifecycle/create/new-project.ts';
import type { TimedEvent } from '../model/event.ts';
import { start } from '../model/lifecycle.ts';
import type { Project, ProjectOrigin } from '../model/project.ts';
import type { FinanceManager } from '../ports.ts';
import { type BacklogText, cut, type Entry, type Fault, readEntries } from './backlog-file.ts';
import { begin, look, type TurnDeps, waitEvent, withTurn } from './give-turns.ts';
import { orderedProject } from './project-order.ts';
import { resolveReferences, sortByReferences } from './references.ts';
import { withPlanned } from './with-planned.ts';

export interface EnqueueDeps extends CreateDeps, Omit<TurnDeps, 'state' | 'config'> {
  finance(): Promise<Pick<FinanceManager, 'requireProvider'>>;
  /** At leisure: what is told stands in the documents. */
  recordLater(event: TimedEvent): void;
}

/** Where paths of a file are to be found, and who reads what they name. */
export interface Places {
  /** Absolute folder of a repository. Missing `repo`: the one that was meant. */
  repository(repo: string | undefined): string;
  readDescription(text: string): Promise<string>;
  readSealed(folder: string): Promise<Pick<NewSealed, 'folder' | 'files'>>;
  /** The id of the project at this place of the file. Missing: a new one. */
  idOf?(index: number): string;
  /** What makes the projects. */
  origin?: ProjectOrigin;
}

/** Projects that could be made, in the order of the file. */
export interface PlannedBacklog {
  planned: PlannedProject[];
  /** Sentences about what will probably go wrong later, each once, with how many projects it is about. */
  warnings: string[];
}

/** What was found of a file, whether or not its projects could be made. */
export interface CheckedBacklog {
  /** Of each of its projects. */
  names: string[];
  /** By their places; those at fault are missing. */
  planned: (PlannedProject | undefined)[];
  faults: Fault[];
}

/** Checks a whole file of projects; nothing is written. */
export async function checkBacklog(
  deps: CreateDeps,
  text: BacklogText,
  places: Places,
): Promise<CheckedBacklog> {
  const { entries, faults, names } = readEntries(text);
  const { before, faults: unknown } = await resolveReferences(deps.state, entries);
  const { order, faults: circles } = sortByReferences(entries, before);
  faults.push(...unknown, ...circles);
  const many = await withPlanned(deps);
  const planned: (PlannedProject | undefined)[] = names.map(() => undefined);
  const ids: (string | undefined)[] = [];
  for (const at of order) {
    const entry = entries[at];
    if (entry === undefined) continue;
    const idAt = (each: number | string) => (typeof each === 'string' ? each : ids[each]);
    const after = (before[at]?.after ?? []).map(idAt).filter((id) => id !== undefined);
    const { on } = before[at] ?? {};
    try {
      const input = await inputOf(entry, places, { after, on: on === undefined ? undefined : idAt(on) });
      const newId = () => places.idOf?.(entry.place) ?? deps.newId();
      const made = await planProject({ ...many.deps, newId }, input);
      many.add(made.project);
      ids[at] = made.project.id;
      planned[entry.place] = made;
    } catch (error) {
      if (!isFailure(error)) throw error;
      const message = `${cut(entry.order.name)}: ${said(error)}`;
      faults.push({ line: lineOf(entry, error), message, projects: [entry.place] });
    }
  }
  faults.sort((a, b) => a.line - b.line);
  return { names, planned, faults };
}

/**
 * The projects of a file, all of them.
 *
 * @param name of the file, for messages
 * @throws DarkFactoryError `usage`/`backlog_invalid` with every fault and its line
 */
export async function planBacklog(
  deps: CreateDeps,
  text: BacklogText,
  name: string,
  places: Places,
): Promise<PlannedBacklog> {
  const { planned: found, faults } = await checkBacklog(deps, text, places);
  if (faults.length > 0) throw backlogInvalid(name, faults);
  const planned = found.filter((each) => each !== undefined);
  return { planned, warnings: together(planned) };
}

async function inputOf(
  { order }: Entry,
  places: Places,
  before: { after: string[]; on: string | undefined },
): Promise<NewProject> {
  const sealed = order.sealed === undefined ? undefined : await places.readSealed(order.sealed);
  return {
    ...orderedProject(order, { repository: places.repository(order.repo), ...before, sealed }),
    description: await places.readDescription(order.description),
    origin: places.origin,
  };
}

/**
 * Makes the projects and starts them: all or none. Those of one file keep its order among equals.
 *
 * @param by who asked, for the audit log
 * @throws DarkFactoryError `environment`: `redis_unreachable`, `no_provider` and others, before anything is made
 */
export async function enqueueBacklog(
  deps: EnqueueDeps,
  { planned }: PlannedBacklog,
  by: string,
): Promise<Project[]> {
  await deps.queue();
  await (await deps.finance()).requireProvider();
  const now = deps.now();
  const queued = planned.map(({ project }, index) => ({
    ...start(project, now),
    queuedAt: new Date(now.getTime() + index),
  }));
  const { state } = (await withPlanned(deps, queued)).deps;
  const { config } = deps;
  const isKept = ({ settings, personas }: Project) =>
    (config.routing.default ?? settings.model) !== undefined ||
    personas.some(({ model }) => model !== undefined);
  for (const each of queued.filter(isKept)) await requireProviders({ state, config }, each);
  // Their first documents say whose turn has come and what the others wait for: a thousand that wait need no second look.
  const projects = await deps.state.oneAtATime('turns', async () => {
    const changes = new Map((await look({ ...deps, state })).map((change) => [change.id, change]));
    const ready = queued.map((each) => withTurn(each, changes.get(each.id), now));
    await deps.state.createProjects(
      planned.map(({ first }, index) => ({ ...first, project: ready[index] ?? first.project })),
    );
    return ready;
  });
  for (const { id: projectId, baseBranch, origin, status, waiting } of projects) {
    const message =
      origin?.kind === 'schedule'
        ? `Started by the schedule ${origin.name}.`
        : 'Started with a file of projects.';
    const base = { projectId, level: 'info', timestamp: now.toISOString(), data: { by } } as const;
    deps.recordLater({ ...base, type: 'project.created', message: `Created from ${baseBranch}.` });
    deps.recordLater({ ...base, type: 'project.started', message });
    const becomes = status === 'paused' ? 'paused' : 'waiting';
    if (waiting !== undefined)
      deps.recordLater({ ...waitEvent({ id: projectId, becomes, waiting }), timestamp: base.timestamp });
  }
  await begin(
    deps,
    projects.flatMap(({ id, turn }) => (turn === undefined ? [] : [id])),
  );
  return projects;
}

/** Where in the file a refusal of a project is about. */
const KEY_OF: Readonly<Record<string, string>> = {
  not_a_repository: 'repo',
  no_commits: 'repo',
  unsafe_ownership: 'repo',
  base_branch_missing: 'base',
  base_and_on: 'on',
  other_repository: 'on',
  persona_not_found: 'persona',
  personas_invalid: 'persona',
  persona_reserved: 'persona',
  persona_invalid: 'persona',
  model_unknown: 'model',
  tests_missing: 'test',
};

function lineOf(entry: Entry, { code }: DarkFactoryError): number {
  const key = KEY_OF[code] ?? code.split('_')[0] ?? '';
  return key in entry.order ? entry.lineOf(key) : entry.line;
}

function said({ message, hint }: DarkFactoryError): string {
  return `${message}. ${hint}`.replace(/\.\. /, '. ').replace(/\.$/, '');
}

export function backlogInvalid(name: string, faults: readonly Fault[]): DarkFactoryError {
  const lines = faults.map(({ line, message }) => `\n  line ${line}: ${message}`);
  const count = faults.length === 1 ? 'something is' : `${faults.length} things are`;
  return usageError(
    'backlog_invalid',
    `In ${name} ${count} wrong:${lines.join('')}`,
    '\nNothing was made. Mend the file, and try it with --dry-run.',
  );
}

function together(planned: readonly PlannedProject[]): string[] {
  const counts = new Map<string, string[]>();
  for (const { project, warnings } of planned)
    for (const each of warnings) counts.set(each, [...(counts.get(each) ?? []), project.name]);
  return [...counts].map(([warning, names]) =>
    names.length === 1 ? `${cut(names[0] ?? '')}: ${warning}` : `${names.length} projects: ${warning}`,
  );
}
