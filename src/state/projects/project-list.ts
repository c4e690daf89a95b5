/** Finding projects: all of them, those that need attention, and the one that a person means. */

import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { needsAttention, type Project, shownStatus } from '../../factory/model/project.ts';
import type { ProjectSummary, StateStore, UnreadableProject } from '../../factory/ports.ts';
import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { namesIn } from '../../lib/file-failure.ts';
import { type FileKey, fileKey, sameKey } from '../files/files.ts';
import type { Locks } from '../files/lock.ts';
import { createProjectIndex, type ProjectIndex } from './project-index.ts';
import { type IndexLine, keyOf, projectOf, summarize, summaryOf } from './project-line.ts';

export interface ProjectListDeps {
  /** The folder that holds one folder per project. */
  projects: string;
  indexFile: string;
  locks: Locks;
  /** Reads project.yaml; throws what `DocumentStore.get` throws. */
  read(id: string): Promise<Project>;
  /** Before a look: completes what a killed process was about to make. */
  complete(): Promise<void>;
  /** The project will hardly be read again. */
  forget(id: string): void;
}

export type ProjectList = Pick<
  StateStore,
  'listProjects' | 'listSummaries' | 'listOpenProjects' | 'resolveProject'
> & {
  /** Runs `write`, which replaces `previous`: every process then looks at the project again. */
  aroundWrite<T>(previous: Project, write: () => Promise<T>): Promise<T>;
};

/** Documents read at once. */
const PARALLEL = 16;
/** A key younger than this may be another content's too (see document.ts): not worth a line yet. In milliseconds. */
const SETTLED_MS = 50;

export const PROJECT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface Read {
  project: Project;
  key: FileKey;
}

export function createProjectList(deps: ProjectListDeps): ProjectList {
  const fileOf = (id: string): string => join(deps.projects, id, 'project.yaml');
  const index = { file: deps.indexFile, locks: deps.locks, keyNow: (id: string) => fileKey(fileOf(id)) };
  const all = createProjectIndex({ ...index, keep: 'projects' });
  const short = createProjectIndex({ ...index, keep: 'summaries' });
  // A worker looks for open projects for hours; the texts of all closed ones are not for its memory.
  const keys = createProjectIndex({ ...index, keep: 'keys' });

  async function readOne(id: string): Promise<Read | UnreadableProject | null> {
    try {
      const key = fileKey(fileOf(id));
      const project = await deps.read(id);
      return key === null ? null : { project, key };
    } catch (error) {
      if (!(error instanceof DarkFactoryError)) throw error;
      // Removed since the folder was listed.
      if (error.kind === 'not_found' && fileKey(join(deps.projects, id)) === null) return null;
      return { id, problem: error.message };
    }
  }

  /** Reads documents, and adds a line for each that has none and will keep its content for a while. */
  async function readAll(
    ids: readonly string[],
    lines: ReadonlyMap<string, IndexLine>,
  ): Promise<(Project | UnreadableProject)[]> {
    const found: (Read | UnreadableProject)[] = [];
    for (let at = 0; at < ids.length; at += PARALLEL) {
      const some = await Promise.all(ids.slice(at, at + PARALLEL).map(readOne));
      for (const each of some) if (each !== null) found.push(each);
    }
    const before = Date.now() - SETTLED_MS;
    const isWorthALine = ({ project, key }: Read): boolean => {
      if (project.status === 'active' || Number(key.modifiedNs / 1_000_000n) >= before) return false;
      const line = lines.get(project.id);
      return line === undefined || !sameKey(keyOf(line), key);
    };
    const added = found.filter((each): each is Read => 'key' in each && isWorthALine(each));
    await all.add(added.map(({ project, key }) => ({ project, key, closed: !needsAttention(project) })));
    return found.map((each) => ('key' in each ? each.project : each));
  }

  function counts(line: IndexLine): boolean {
    const key = fileKey(fileOf(line.id));
    return key !== null && sameKey(keyOf(line), key);
  }

  /** Every project, from its line while that counts, else from the document. */
  async function listAs<T extends Pick<ProjectSummary, 'id' | 'createdAt'>>(
    from: ProjectIndex,
    fromLine: (line: IndexLine) => T | null,
    fromProject: (project: Project) => T,
  ): Promise<{ projects: T[]; unreadable: UnreadableProject[] }> {
    const ids = await projectIds(deps);
    const lines = await from.read();
    const projects: T[] = [];
    const unknown: string[] = [];
    let looked = 0;
    for (const id of ids) {
      const line = lines.get(id);
      // `counts` is synchronous, because thousands of asynchronous questions cost four times as much; so others get a turn here.
      if (line !== undefined && ++looked % 64 === 0) await breathe();
      const known = line !== undefined && counts(line) ? fromLine(line) : null;
      if (known === null) unknown.push(id);
      else projects.push(known);
    }
    const unreadable: UnreadableProject[] = [];
    for (const each of await readAll(unknown, lines)) {
      if ('problem' in each) unreadable.push(each);
      else projects.push(fromProject(each));
    }
    if (from.isWorn()) {
      await all.read();
      await all.compact();
    }
    projects.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
    return { projects, unreadable };
  }

  const listSummaries: StateStore['listSummaries'] = () => listAs(short, summaryOf, summarize);

  return {
    listProjects: () => listAs(all, projectOf, (project) => project),
    listSummaries,
    async listOpenProjects() {
      const ids = await projectIds(deps);
      const lines = await keys.read();
      const open = ids.filter((id) => lines.get(id)?.closed !== true);
      const read = await readAll(open, lines);
      const projects = read.filter((each): each is Project => !('problem' in each));
      for (const project of projects) if (!needsAttention(project)) deps.forget(project.id);
      return projects.filter(needsAttention);
    },
    resolveProject: (reference) => resolveProject(reference, deps, listSummaries),
    aroundWrite: (previous, write) => (needsAttention(previous) ? write() : all.marked(previous.id, write)),
  };
}

async function projectIds({
  projects,
  complete,
}: Pick<ProjectListDeps, 'projects' | 'complete'>): Promise<string[]> {
  await complete();
  return (await namesIn(projects)).filter((name) => PROJECT_ID.test(name));
}

/** From so many characters on, the beginning of an id is as likely to be meant as a name of the same letters. */
const TELLING = 4;
const MOST_LISTED = 5;

async function resolveProject(
  reference: string,
  where: Pick<ProjectListDeps, 'projects' | 'complete'>,
  listSummaries: StateStore['listSummaries'],
): Promise<string> {
  const ids = await projectIds(where);
  const wanted = reference.toLowerCase();
  if (ids.includes(wanted)) return wanted;
  const begun = new Set(/^[0-9a-f-]{1,36}$/.test(wanted) ? ids.filter((id) => id.startsWith(wanted)) : []);
  const none = { projects: [], unreadable: [] };
  const { projects, unreadable } = reference === '' || ids.length === 0 ? none : await listSummaries();
  const named = projects.filter(({ name }) => name === reference).map(({ id }) => id);
  // A name such as "a" begins an id in sixteen, by chance; nobody who types it means that id.
  const meant = named.length > 0 && wanted.length < TELLING ? named : [...begun, ...named];
  const [only, ...others] = new Set(meant);
  if (only === undefined) throw notResolved(reference, unreadable);
  if (others.length === 0) return only;
  const matching = [only, ...others];
  throw ambiguous(
    reference,
    matching.map((id) => projects.find((each) => each.id === id) ?? { id }),
  );
}

/** The newest first: that is the one which is meant most of the time. */
function ambiguous(
  reference: string,
  matching: readonly (Pick<ProjectSummary, 'id'> & Partial<ProjectSummary>)[],
): DarkFactoryError {
  const newest = matching.toSorted((one, other) => Number(other.createdAt ?? 0) - Number(one.createdAt ?? 0));
  const listed = newest.slice(0, MOST_LISTED).map(({ id, name, status, stopped, createdAt }) => {
    const told =
      status === undefined ? [] : [name, shownStatus({ status, stopped }), `made ${minuteOf(createdAt)}`];
    return told.length === 0 ? id : `${id} (${told.join(', ')})`;
  });
  return usageError(
    'project_ambiguous',
    `${matching.length} projects match ${quote(reference)}: ${listed.join('; ')}${matching.length > MOST_LISTED ? '; …' : ''}.`,
    `Name the one that you mean by the beginning of its id, for example ${newest[0]?.id.slice(0, 8)}.`,
  );
}

const minuteOf = (at: Date | undefined): string => `${at?.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Of no project that an id names, which is whole wherever it is not a person who gives it. */
export function projectNotFound(id: string): DarkFactoryError {
  return notFound(id, 'Give a whole id: df list --json prints those of all projects.');
}

/** @param unreadable projects whose names are not known: it may be one of them */
function notResolved(reference: string, [first]: readonly UnreadableProject[]): DarkFactoryError {
  return notFound(
    reference,
    first === undefined
      ? 'See df list. An id may be shortened as long as it is the only one that begins so.'
      : `It may be one that cannot be read (${first.problem}); name it by its id then. See df list.`,
  );
}

function notFound(reference: string, hint: string): DarkFactoryError {
  return new DarkFactoryError(
    'not_found',
    'project_not_found',
    `There is no project ${quote(reference)}.`,
    hint,
  );
}

function quote(reference: string): string {
  return JSON.stringify(reference.length > 60 ? `${reference.slice(0, 60)}…` : reference);
}
