import { readFile } from 'node:fs/promises';
import type { FactoryEvent } from '../../src/factory/model/event.ts';
import type { Project } from '../../src/factory/model/project.ts';
import type { StateStore } from '../../src/factory/ports.ts';
import { until } from './until.ts';

/** Generous: the machine that runs this may be busy. Milliseconds. */
export const LONG = 300_000;

export interface Looks {
  /** The document of the project as it stands in its file. */
  project(id: string): Promise<Project>;
  /** Waits until the project is as wanted. */
  when(id: string, what: string, wanted: (project: Project) => boolean, deadline?: number): Promise<Project>;
  /** Waits until the project has one of the statuses. */
  reaches(id: string, ...statuses: Project['status'][]): Promise<Project>;
  /** Waits until the project has ended and is tidied up. @param deadline milliseconds */
  settles(id: string, deadline?: number): Promise<Project>;
  events(id: string): Promise<FactoryEvent[]>;
}

/** What stands in whole lines of a file; nothing when it is not there. */
export async function jsonLines<T>(file: string): Promise<T[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}

/** Looks at the files: polled by a command each, they would take most of the machine. */
export function looks(state: StateStore): Looks {
  const project = (id: string) => state.project(id).get();
  const when: Looks['when'] = (id, what, wanted, deadline = LONG) => {
    let last: Project | undefined;
    return until<Project | null>(
      async () => {
        last = await project(id);
        return wanted(last) ? last : null;
      },
      deadline,
      () => `the project is ${what}; it is ${last?.status}: ${last?.statusReason}`,
    );
  };
  return {
    project,
    when,
    reaches: (id, ...statuses) => when(id, statuses.join(' or '), ({ status }) => statuses.includes(status)),
    settles: (id, deadline) => when(id, 'settled', ({ settled }) => settled, deadline),
    events: (id) => state.events(id).readAll(),
  };
}
