import { expect, it } from 'vitest';
import { createProjectPolling } from '../../../src/factory/lifecycle/polling.ts';
import type { ProjectWaiting } from '../../../src/factory/lifecycle/waiting.ts';
import type { NextJob } from '../../../src/queues/jobs/catalogue.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { NOW, sampleAgent, sampleProject } from '../../support/samples.ts';

const later = (ms: number) => new Date(NOW.getTime() + ms);

it.each([
  ['for a moment that was named just now', -1_000, false],
  ['since a time that has not come: the clock was set back', 3_600_000, true],
])('a step that waits for a provider %s: is it asked for at once?', async (_what, since, expected) => {
  const waiting = {
    ...{ for: 'rate' as const, detail: 'It asked for a pause.' },
    since: later(since),
    until: later(since + 30_000),
  };
  const project = sampleProject({ status: 'active', started: true, prepared: true, waiting });
  const { store } = createMemoryState([project], [sampleAgent()]);
  const hastened: NextJob[] = [];
  const went: string[] = [];
  const polling = createProjectPolling(
    {
      state: store,
      config: { auditInterval: 3_600_000 },
      now: () => NOW,
      queue: async () => ({
        enqueue: async () => {},
        missing: async () => [],
        hasten: async (...jobs) => void hastened.push(...jobs),
      }),
      finance: async () => ({ probeSchedule: async () => [], wakeUps: async () => [] }),
      record: async () => {},
    },
    { goOn: async (id) => void went.push(id) } as Partial<ProjectWaiting> as ProjectWaiting,
  );
  await polling.poll(20_000);
  expect([went, hastened.map(({ delay }) => delay)]).toEqual(expected ? [[project.id], [0]] : [[], []]);
});
