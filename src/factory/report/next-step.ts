import { openFork } from '../model/fork.ts';
import { branchLivesOn, ENDED, isOutOfMoney, type Project, pausesForATime } from '../model/project.ts';
import type { ReportMaterial } from './report-types.ts';

/** Something that only the owner can do, and the command that does it. */
export interface Need {
  why: string;
  do: string;
  /** USD, where the command sets a cap: with no other does the project go on. */
  budget?: number;
}

type Shown = Pick<
  Project,
  | ('id' | 'status' | 'waiting' | 'started' | 'forks' | 'settings' | 'totalCost' | 'applied' | 'stopped')
  | ('unpublished' | 'review' | 'parentProjectId')
>;

/**
 * What a project needs its owner for, also where it is only tried again by itself; `null` while it goes on, or has ended. Pure.
 *
 * @param workers processes that live; `null`: not known
 */
export function needOf(project: Shown, workers: number | null): Need | null {
  const { status, waiting, unpublished } = project;
  const id = project.id.slice(0, 8);
  if (unpublished !== undefined)
    return { why: `It could not be published: ${unpublished.reason}`, do: `df publish ${id}` };
  if (ENDED.has(status) || !project.started) return null;
  const why = waiting?.detail ?? '';
  if (status === 'paused') {
    if (openFork(project)?.phase === 'ready') return { why, do: `df branches ${id}` };
    if (isOutOfMoney(project)) {
      const budget = moreThan(project);
      return { why, do: `df resume ${id} --budget ${budget}`, budget };
    }
    if (waiting?.question !== undefined) return { why, do: `df answer ${waiting.question.slice(0, 8)} TEXT` };
    if (waiting?.for === 'disk') return { why, do: 'df clean' };
    // A cap over all projects has room again by itself, and branches end. Every provider fails for as long as nobody mends that.
    if (waitsForRoom(project) || waiting?.for === 'project') return null;
    return { why, do: waiting?.tooSmall ? raised(why) : `df resume ${id}` };
  }
  if (waiting?.for === 'key') return { why, do: newKeyFor(why) };
  if (waiting?.for === 'credits') return { why, do: 'df provider list' };
  if (waiting?.for === 'disk') return { why, do: 'df clean' };
  return workers === 0 ? { why: 'No worker is running.', do: 'df up' } : null;
}

/** The one command that comes next for its owner. */
export function nextStep(project: Shown, workers: number | null): string {
  const id = project.id.slice(0, 8);
  const need = needOf(project, workers);
  if (need !== null) return need.do;
  // It has no branch of its own: what it found was printed, and stands in its transcript.
  if (project.review !== undefined && ENDED.has(project.status)) return `df show ${id}`;
  if (project.status === 'completed')
    return project.applied === undefined ? `df apply ${id}` : `git log ${project.applied.branch}`;
  // A branch of a decision that was lost: what comes of it stands with the others, at its parent.
  if (ENDED.has(project.status) && project.parentProjectId !== undefined)
    return `df branches ${project.parentProjectId.slice(0, 8)}`;
  if (ENDED.has(project.status)) return `df retry ${id}`;
  return project.started ? `df show ${id} -f` : `df start ${id}`;
}

/** A detail begins with the provider that it is about, where it is about one, but for those that its owner switched off. */
function newKeyFor(detail: string): string {
  const [, id] = /^(?:Provider [\w.-]+ is switched off\. )*Provider ([\w.-]+):? /.exec(detail) ?? [];
  return id === undefined ? 'df provider list' : `df provider set-key ${id}`;
}

/** A cap that leaves as much again as was spent, in whole dollars. */
function moreThan({ settings, totalCost }: Shown): number {
  return Math.ceil(2 * Math.max(settings.budget ?? 0, totalCost, 0.5));
}

/** A detail names the cap over all projects that is too small. */
function raised(detail: string): string {
  const [cap] = /budgets\.per(?:Hour|Day)/.exec(detail) ?? [];
  return cap === undefined ? 'df config list' : `df config set ${cap} USD`;
}

/** What the owner of a project that did not complete could do about it, from what is known of its end. Pure. */
export function leftToTry({
  project,
  tasks,
  failing = [],
  git,
}: Pick<ReportMaterial, 'project' | 'tasks' | 'failing' | 'git'>): string[] {
  const { status, stopped } = project;
  if (status !== 'failed' && status !== 'timeout') return [];
  const id = project.id.slice(0, 8);
  const instead = branchLivesOn(project);
  const known = failing.filter(({ knownFailure }) => knownFailure).map(({ name }) => name);
  const blocked = tasks.tasks.filter((task) => task.status === 'blocked').map(({ title }) => `"${title}"`);
  return [
    ...(stopped ? [] : [`Look at what it did: df show ${id}${git === null ? '' : `, df diff ${id}`}.`]),
    ...(known.length === 0
      ? []
      : [
          `${known.join(', ')} failed before the work began as well. Where that is not what it is to mend, mend it first, or set gates.knownFailures to allow.`,
        ]),
    ...(blocked.length === 0
      ? []
      : [
          `Blocked: ${blocked.slice(0, 5).join(', ')}.${instead === null ? ` Say what is missing, or make it smaller: df retry ${id} --message "…".` : ''}`,
        ]),
    ...(instead === null ? anotherAttempt(project) : [instead]),
  ];
}

function anotherAttempt({ id: whole, status, stopped }: Project): string[] {
  const id = whole.slice(0, 8);
  return [
    status === 'timeout'
      ? `More time, on the same branch: df retry ${id} --max-runtime 24h.`
      : `Another attempt on the same branch, with your words: df retry ${id} --message "…".`,
    ...(stopped ? [] : [`Another model: df retry ${id} --model <provider>.`]),
  ];
}

/** A cap over all projects is reached, and has room again by itself. */
export function waitsForRoom(project: Pick<Project, 'status' | 'waiting'>): boolean {
  const { waiting } = project;
  return pausesForATime(project) && waiting?.for === 'budget' && !waiting.tooSmall;
}
