/** What all projects did since a moment, side by side. */

import type { Project } from '../../factory/model/project.ts';
import { type Span, timeline } from '../../factory/report/time-spent.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import type { Services } from '../../services.ts';
import { presenceOf } from '../../state/home/presence.ts';

/** Of one project; `spans` go from its start, or from `since`, to its end or to now. */
interface TimelineProject
  extends Pick<Project, 'id' | 'name' | 'status' | 'stopped' | 'parentProjectId' | 'totalCost'> {
  spans: Span[];
}

export interface TimelineDocument {
  since: Date;
  until: Date;
  /** The newest first, branches of decisions below their parent. */
  projects: TimelineProject[];
  /** Projects that are left out, since there are more than anybody looks at. */
  omitted: number;
}

/** Rows of a timeline that anybody looks at. */
const MOST = 300;

export async function timelineDocument(services: Services, since: Date): Promise<TimelineDocument> {
  const { state, clock } = services;
  const now = clock.now();
  const absences = await presenceOf(services).absences();
  const { projects } = await state.listProjects();
  const told = projects.filter(
    ({ id, started }) => started && (state.events(id).size()?.changedAt ?? since) > since,
  );
  const sorted = inTrees(told.toReversed());
  const rows: TimelineProject[] = [];
  for (const each of sorted.slice(0, MOST)) {
    // A log that cannot be read hides no other; the project's own page tells of it.
    const events = await state.events(each.id).readAll().catch(expecting(isFailure, []));
    rows.push(rowOf(each, timeline(each, events, now, absences), since));
  }
  return { since, until: now, projects: rows, omitted: Math.max(0, sorted.length - MOST) };
}

function rowOf(project: Project, all: readonly Span[], since: Date): TimelineProject {
  const { id, name, status, stopped, parentProjectId, totalCost } = project;
  const spans = all
    .filter(({ to }) => to > since)
    .map((span) => ({ ...span, from: span.from < since ? since : span.from }));
  return {
    ...{ id, name, status, totalCost, spans },
    ...(stopped === undefined ? {} : { stopped }),
    ...(parentProjectId === undefined ? {} : { parentProjectId }),
  };
}

function inTrees(projects: readonly Project[]): Project[] {
  const ids = new Set(projects.map(({ id }) => id));
  const below = (parent: Project): Project[] => [
    parent,
    ...projects.filter(({ parentProjectId }) => parentProjectId === parent.id).flatMap(below),
  ];
  return projects
    .filter(({ parentProjectId }) => parentProjectId === undefined || !ids.has(parentProjectId))
    .flatMap(below);
}
