import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type EnqueueDeps, enqueueBacklog } from '../../../src/factory/backlog/enqueue.ts';
import { config } from '../../../src/factory/config/config.ts';
import type { TimedEvent } from '../../../src/factory/model/event.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { addProject, openStore, sampleAgent, sampleFinance, sampleProject } from '../../state/samples.ts';

/** What is told of projects of a file that find no place, `there` being the only other project. */
async function told(there: Partial<Project>, ...projects: ((there: Project) => Partial<Project>)[]) {
  const folder = await mkdtemp(join(tmpdir(), 'enqueue-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { store: state } = openStore(folder);
  const before = await addProject(state, there);
  const events: TimedEvent[] = [];
  const defaults = config.parse({});
  const deps: Partial<EnqueueDeps> = {
    state,
    config: { ...defaults, limits: { ...defaults.limits, openProjects: 0 } },
    now: () => new Date('2026-11-30T22:00:00Z'),
    git: { atOneMoment: async () => ({}) } as unknown as EnqueueDeps['git'],
    queue: async () => ({}) as Awaited<ReturnType<EnqueueDeps['queue']>>,
    finance: async () => ({ requireProvider: async () => {} }) as never,
    recordLater: (event) => void events.push(event),
  };
  const planned = projects.map((change, index) => {
    const project = sampleProject({ name: `p${index}`, ...change(before) });
    const first = { project, agents: [sampleAgent(project.id)], finance: sampleFinance(project.id) };
    return { project, first, warnings: [], plan: { checks: [], notChecked: [], setup: null, warnings: [] } };
  });
  const made = await enqueueBacklog(deps as EnqueueDeps, { planned, warnings: [] }, 'owner');
  return made.map(({ id }) =>
    events.flatMap(({ projectId, type, data }) =>
      projectId === id ? [[type, ...(data && 'for' in data ? [data.for] : [])].join(' for ')] : [],
    ),
  );
}

it('a project of a file says from its start on what it waits for', async () => {
  const started = ['project.created', 'project.started'];
  const after = ({ id }: Project) => ({ after: [id] });
  expect(await told({}, after, () => ({}))).toEqual([
    [...started, 'project.waiting for project'],
    [...started, 'project.waiting for turn'],
  ]);
  expect(await told({ status: 'failed', settled: true, started: true }, after)).toEqual([
    [...started, 'project.paused for owner'],
  ]);
});
