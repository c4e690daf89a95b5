import type { Project } from '../project.ts';
import { isWatchWanted, type PublishSettings } from './publication.ts';

/** What the settings say of work that is proved. A branch of a decision goes to its parent, a trial or a review nowhere. Pure. */
export function wishAfter(
  settings: PublishSettings,
  project: Pick<Project, 'status' | 'parentProjectId' | 'trialOf' | 'review' | 'publication'>,
  since: Date,
): Pick<Project, 'toPublish'> {
  const { status, parentProjectId, trialOf, review, publication } = project;
  const isOwn = parentProjectId === undefined && trialOf === undefined && review === undefined;
  if (status !== 'completed' || !isOwn) return {};
  // What its owner has watched is to be brought up to date, whatever the settings say of others.
  if (publication !== undefined && isWatchWanted(publication, settings))
    return { toPublish: { draft: publication.draft, watch: true, since } };
  const { auto } = settings;
  if (auto === 'off') return {};
  const watch = settings.watch && publication?.watchBy !== 'owner';
  return { toPublish: { draft: auto === 'draft', watch, since } };
}
