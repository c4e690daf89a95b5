import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isParked } from '../../factory/lifecycle/polling.ts';
import type { Project } from '../../factory/model/project.ts';
import type { StateStore } from '../../factory/ports.ts';

/** A running step writes something every few seconds; one that waits in a queue does not. Milliseconds. */
const NO_SIGN_MS = 15 * 60_000;

export interface Sign {
  project: Project;
  /** When it last gave a sign of work. */
  since: Date;
}

/** Those that are at work by their state, and wait for nothing. */
export async function signsOfWork(
  { projectFolder }: Pick<StateStore, 'projectFolder'>,
  open: readonly Project[],
  now: Date,
): Promise<Sign[]> {
  const atWork = open.filter(
    (project) => project.started && project.status === 'active' && !isParked(project, now),
  );
  return Promise.all(
    atWork.map(async (project) => ({ project, since: await lastSign(projectFolder(project.id), project) })),
  );
}

/** For longer than any gate or call is silent. */
export const isSilent = ({ since }: Sign, now: Date): boolean => now.getTime() - since.getTime() > NO_SIGN_MS;

/** When anything of the project was last written. */
async function lastSign(folder: string, project: Project): Promise<Date> {
  // One that was just removed has none.
  const agents = await readdir(join(folder, 'agents')).catch(() => []);
  const files = ['project.yaml', 'events.jsonl', ...agents.map((name) => join('agents', name))];
  const times = files.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return new Date(Math.max(project.updatedAt.getTime(), ...times));
}
