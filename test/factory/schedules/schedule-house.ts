import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PlannedBacklog } from '../../../src/factory/backlog/enqueue.ts';
import type { NewEvent } from '../../../src/factory/model/event.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { Schedule } from '../../../src/factory/model/schedule.ts';
import { addSchedule, type ScheduleDeps } from '../../../src/factory/schedules/schedules.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { openStore, sampleAgent, sampleFinance, sampleProject } from '../../state/samples.ts';

const HOUR_MS = 3_600_000;
/** A moment of the month in which these tests are. */
export const at = (text: string) => new Date(`2026-11-${text}Z`);

/** A store on disk, a clock that the test moves, and a file of two projects. */
export async function house() {
  const folder = await mkdtemp(join(tmpdir(), 'df-schedules-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { store: state } = openStore(folder);
  const events: NewEvent[] = [];
  const world = {
    now: at('29T12:00:00'),
    names: ['one', 'two'],
    plan: undefined as Error | undefined,
    made: 0,
  };
  const deps: ScheduleDeps = {
    state,
    now: () => world.now,
    newId: newUuid,
    record: async (event) => void events.push(event),
    readBacklog: async () => ({ value: {}, lineOf: () => 1 }),
    placesIn: () => ({
      repository: () => '/r',
      readDescription: async (text) => text,
      readSealed: async (sealed) => ({ folder: sealed, files: [] }),
    }),
    makerFor: () => ({
      async plan(_text, _name, { idOf, origin }): Promise<PlannedBacklog> {
        if (world.plan !== undefined) throw world.plan;
        const planned = world.names.map((name, index) => {
          const project = sampleProject({ name, id: idOf?.(index) ?? newUuid(), ...(origin && { origin }) });
          const first = { project, agents: [sampleAgent(project.id)], finance: sampleFinance(project.id) };
          return {
            project,
            first,
            warnings: [],
            plan: { checks: [], notChecked: [], setup: null, warnings: [] },
          };
        });
        return { planned, warnings: [] };
      },
      async enqueue({ planned }): Promise<Project[]> {
        world.made += 1;
        await state.createProjects(planned.map(({ first }) => first));
        return planned.map(({ project }) => project);
      },
    }),
  };
  const add = async (more: Partial<Schedule> = {}) => {
    const what = { name: 'nightly', cron: '0 22 * * *', timezone: 'UTC', catchUp: 2 * HOUR_MS, folder };
    return (await addSchedule(deps, { ...what, file: '/night.yaml', by: 'owner', ...more })).schedule;
  };
  const found = async (): Promise<Schedule | undefined> => (await state.schedules().get()).schedules[0];
  const endAll = async () => {
    for (const { id } of await state.listOpenProjects())
      await state.project(id).update((each) => ({ ...each, status: 'completed', settled: true }));
  };
  return { deps, state, events, world, add, found, endAll, folder };
}
