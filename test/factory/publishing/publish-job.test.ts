import { expect, it } from 'vitest';
import type { NewEvent } from '../../../src/factory/model/event.ts';
import { publishJob } from '../../../src/factory/publishing/publish-job.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { NOW, sampleProject } from '../../support/samples.ts';

const HOUR = 3_600_000;

/** A completed project that is to be published, and a publication that fails so; `hours` after it was wished for. */
async function fails(kind: DarkFactoryError['kind'], code: string, hours: number) {
  const toPublish = { since: new Date(NOW.getTime() - hours * HOUR), draft: false, watch: false };
  const project = sampleProject({ status: 'completed', settled: true, toPublish });
  const { store } = createMemoryState([project], []);
  const events: NewEvent[] = [];
  const oneAtATime = async () => {
    throw new DarkFactoryError(kind, code, 'git could not look', 'Mend it; it goes on by itself.');
  };
  const deps = {
    ...{ state: { ...store, oneAtATime }, config: { publish: { auto: 'ready' } }, by: 'publish.auto' },
    ...{ now: () => NOW, record: async (event: NewEvent) => void events.push(event) },
  };
  const result = await publishJob(deps as never, project.id);
  return { result, events, after: await store.project(project.id).get() };
}

it.each([
  ['failed', 'disk_failure'],
  ['failed', 'not_permitted'],
  ['usage', 'not_a_repository'],
] as const)(
  'A133 what is to be published waits while the disk of its repository is away: %s, %s',
  async (kind, code) => {
    const { result, events, after } = await fails(kind, code, 1);
    expect(result).toEqual({
      outcome: 'parked',
      until: new Date(NOW.getTime() + HOUR / 4),
      detail: 'git could not look',
    });
    expect({ events, wish: after.toPublish !== undefined }).toEqual({ events: [], wish: true });
  },
);

it('A133 a disk that was away all night is told of, and not that it goes on by itself', async () => {
  const { events, after } = await fails('failed', 'disk_failure', 13);
  expect(events).toMatchObject([{ type: 'project.unpublished' }]);
  expect(after.toPublish).toBeUndefined();
  expect(after.unpublished?.reason).toBe(
    'git could not look. Look after the disk, then publish it with df publish.',
  );
});

it('what a person has to do something about is told at once', async () => {
  const { events, after } = await fails('failed', 'push_protected', 1);
  expect(events).toMatchObject([{ type: 'project.unpublished' }]);
  expect(after.unpublished?.reason).toBe('git could not look. Mend it; it goes on by itself.');
});
