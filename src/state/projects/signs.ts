import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project } from '../../factory/model/project.ts';
import type { StateStore } from '../../factory/ports.ts';
import { isOfFuture } from '../../lib/clock.ts';

/** A running step writes something every few seconds; one that waits in a queue does not. Milliseconds. */
const NO_SIGN_MS = 15 * 60_000;

export interface Sign {
  project: Project;
  /** When it last gave a sign of work, or was to go on. */
  since: Date;
}

/** Those that are at work by their state, and wait for nothing whose end is not known: a full disk, say. */
export async function signsOfWork(
  { projectFolder }: Pick<StateStore, 'projectFolder'>,
  open: readonly Project[],
  now: Date,
): Promise<Sign[]> {
  const atWork = open.filter(
    ({ started, status, waiting }) =>
      started && status === 'active' && (waiting === undefined || waiting.until !== undefined),
  );
  return Promise.all(
    atWork.map(async (project) => {
      const last = await lastSign(projectFolder(project.id), project, now);
      const { waiting } = project;
      // Until then nothing is to be seen of it.
      const until = waiting === undefined || isOfFuture(waiting.since, now) ? undefined : waiting.until;
      return { project, since: new Date(Math.max(last, until?.getTime() ?? 0)) };
    }),
  );
}

/** For longer than any gate or call is silent. */
export const isSilent = ({ since }: Sign, now: Date): boolean => now.getTime() - since.getTime() > NO_SIGN_MS;

/** When anything of the project was last written. What was written before the clock was set back says nothing; it may have been just now. */
async function lastSign(folder: string, project: Project, now: Date): Promise<number> {
  // One that was just removed has none.
  const agents = await readdir(join(folder, 'agents')).catch(() => []);
  const files = ['project.yaml', 'events.jsonl', ...agents.map((name) => join('agents', name))];
  const times = files.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const known = [project.updatedAt.getTime(), ...times].filter((at) => !isOfFuture(new Date(at), now));
  return known.length === 0 ? now.getTime() : Math.max(...known);
}
