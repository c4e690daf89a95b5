import { ENDED, isEndedWell, type Project, shownStatus } from '../model/project.ts';
import { hasPlace, lacksTurn, turnOrder } from '../model/turn.ts';
import type { Waiting } from '../model/waiting.ts';
import { mayRest } from './rest.ts';

/** What the backlog is judged by. */
export interface Backlog {
  /** Every project that needs attention. */
  open: readonly Project[];
  /** Of those that others come after and that are not open; `null`: it is gone. */
  ended: ReadonlyMap<string, Before>;
  /** `limits.openProjects`. */
  limit: number;
}

/** Of one whose file cannot be read nobody knows how it stands: what comes after it waits. */
type Before = Project | 'unreadable' | null;

/** What changes for a project: its turn comes, or it waits for something else than before. */
export type TurnChange =
  | { id: string; becomes: 'open' }
  /** It is paused, and gives its place to one that waits for it. */
  | { id: string; becomes: 'rest' }
  | { id: string; becomes: 'waiting' | 'paused'; waiting: Waiting };

/** What a project waits for that is ready but for a place. */
const TURN = 'Waits for its turn among the open projects (limits.openProjects).';

/**
 * Whose turn comes: as many as there are free places, by priority, then age; before it what each comes after must be completed. Pure.
 * Branches of a decision need no turn and take places all the same, so over the limit nobody's turn comes.
 */
export function planTurns({ open, ended, limit }: Backlog, now: Date): TurnChange[] {
  const known = new Map<string, Before>([...ended, ...open.map((each) => [each.id, each] as const)]);
  const changes: TurnChange[] = [];
  const ready: Project[] = [];
  for (const project of open) {
    if (!inBacklog(project)) continue;
    const wait = waitFor(project, known, now);
    if (wait === null) ready.push(project);
    else if (!isSame(project, wait.becomes, wait.waiting)) changes.push({ id: project.id, ...wait });
  }
  ready.sort((a, b) => turnOrder(a) - turnOrder(b) || (a.id < b.id ? -1 : 1));
  const free = Math.max(0, limit - open.filter(hasPlace).length);
  for (const { id } of ready.slice(0, free)) changes.push({ id, becomes: 'open' });
  for (const { id } of open.filter(mayRest).slice(0, Math.max(0, ready.length - free)))
    changes.push({ id, becomes: 'rest' });
  const waiting: Waiting = { for: 'turn', detail: TURN, since: now };
  for (const project of ready.slice(free)) {
    if (!isSame(project, 'waiting', waiting)) changes.push({ id: project.id, becomes: 'waiting', waiting });
  }
  return changes;
}

/** Whether a look at the backlog may change something for it. */
export function inBacklog(project: Project): boolean {
  const { status, waiting } = project;
  // One that was stopped before its turn came is still to be settled, and never goes on.
  if (!lacksTurn(project) || ENDED.has(status)) return false;
  return status !== 'paused' || waiting?.after !== undefined;
}

/** `null`: all that it comes after is completed. */
function waitFor(
  project: Project,
  known: ReadonlyMap<string, Before>,
  now: Date,
): { becomes: 'waiting' | 'paused'; waiting: Waiting } | null {
  const all = (project.after ?? []).map((id) => ({ id, project: known.get(id) ?? null }));
  const before = all.flatMap(({ id, project: each }) =>
    each === 'unreadable' ? [] : [{ id, project: each }],
  );
  const lost = before.filter((each) => each.project === null || isEndedBadly(each.project));
  if (lost.length > 0) {
    const after = lost.map(({ id }) => id);
    const waiting: Waiting = { for: 'owner', detail: lostText(project, lost), since: now, after };
    return { becomes: 'paused', waiting };
  }
  const missing = all.filter(
    ({ project: each }) => each === null || each === 'unreadable' || !isEndedWell(each),
  );
  if (missing.length === 0) return null;
  const names = missing.map(({ id, project: each }) =>
    each === 'unreadable'
      ? `${id.slice(0, 8)} (its project.yaml cannot be read: df health)`
      : (each?.name ?? id),
  );
  const detail = `Waits until ${listed(names)} ${names.length === 1 ? 'is' : 'are'} completed.`;
  return { becomes: 'waiting', waiting: { for: 'project', detail, since: now } };
}

function isEndedBadly(project: Project): boolean {
  return project.status === 'failed' || project.status === 'timeout';
}

function lostText({ id, on }: Project, lost: readonly { id: string; project: Project | null }[]): string {
  const how = lost.map((each) => {
    if (each.project === null) return `${each.id.slice(0, 8)} (gone)`;
    const status = shownStatus(each.project);
    return `${each.project.name} (${status === 'timeout' ? 'out of time' : status})`;
  });
  // A branch of a decision lives on with its parent alone.
  const retry = lost.find((each) => each.project !== null && each.project.parentProjectId === undefined);
  const onIt = lost.some((each) => each.id === on)
    ? 'begins from its branch as it is'
    : 'goes on all the same';
  const again = retry === undefined ? '' : `df retry ${retry.id.slice(0, 8)} lets it live on; `;
  return `It was to come after ${listed(how)}. ${again}df resume ${id.slice(0, 8)} ${onIt}.`;
}

const MOST_NAMES = 3;

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

function isSame({ status, waiting }: Project, becomes: 'waiting' | 'paused', next: Waiting): boolean {
  if ((status === 'paused') !== (becomes === 'paused')) return false;
  return waiting?.for === next.for && waiting.detail === next.detail;
}
