import { describe, expect, it } from 'vitest';
import { isGivenUp } from '../../../src/factory/finance/health/setbacks.ts';
import { createProjectPolling, pausesOver } from '../../../src/factory/lifecycle/polling.ts';
import type { ProjectService } from '../../../src/factory/lifecycle/project-service.ts';
import { waitForMoney } from '../../../src/factory/lifecycle/steps/not-now.ts';
import { createProjectWaiting, type ProjectWaiting } from '../../../src/factory/lifecycle/waiting.ts';
import type { NewEvent } from '../../../src/factory/model/event.ts';
import { pause, resume } from '../../../src/factory/model/lifecycle.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { catalogue, type NextJob } from '../../../src/queues/jobs/catalogue.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { NOW, sampleAgent, sampleProject } from '../../support/samples.ts';
import { makeFork } from '../decisions/fork-fixture.ts';

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
        ensure: async () => {},
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

it('a judge of branches is asked for again, and its provider probed, as soon as there is news: its project says nothing of the wait', async () => {
  const project = sampleProject({
    status: 'paused',
    waiting: { for: 'project', detail: 'It explores a decision.', since: later(-60_000) },
    forks: [{ ...makeFork(), phase: 'judging' }],
  });
  const { jobs, polling } = roomFor([project]);
  expect([await polling.requestProbeNow('second'), await polling.hasten()]).toEqual([true, 1]);
  expect(jobs).toMatchObject([{ queue: 'provider-probes' }, { queue: 'audits', payload: { kind: 'tie' } }]);
});

it('an order of its owner goes to the probe that is due anyway, or beside one that is being made, which comes back by itself', async () => {
  const { jobs, polling } = roomFor([sampleProject({ status: 'waiting_for_credits' })]);
  await polling.requestProbesIn(3_600_000, ['main']);
  await polling.requestProbeNow('main');
  const [due, ordered] = jobs;
  expect(ordered).toMatchObject({ deduplicationId: due?.deduplicationId, delay: 0 });
  expect(ordered?.ifBegun).toMatchObject({ payload: { providerId: 'main', ordered: true } });
  const kept = [due, ordered, ordered?.ifBegun].map(
    (job) => job && !catalogue[job.queue].job(job.payload).isRoutine,
  );
  expect(kept).toEqual([true, true, false]);
});

const ROOM = { for: 'budget' as const, detail: 'The day is spent.', since: later(-60_000), until: later(-1) };
const FAILS = { ...ROOM, for: 'provider' as const, detail: 'It fails at this conversation.' };
const OTHER_ID = '0b8f1c1e-2f8e-4a3b-9c55-1c8f5c1c0002';
const waitsFor = (waiting: Project['waiting'] & object, change: Partial<Project> = {}) =>
  sampleProject({ status: 'paused', statusReason: waiting.detail, waiting, ...change });

/** Polling and waiting on the state of these projects, with what they put into the queue and told. */
function roomFor(projects: readonly Project[]) {
  const { store } = createMemoryState(projects, [sampleAgent()]);
  const jobs: NextJob[] = [];
  const events: NewEvent[] = [];
  const enqueue = async (...added: NextJob[]) => void jobs.push(...added);
  const deps = {
    ...{ state: store, config: { auditInterval: 3_600_000 }, now: () => NOW },
    queue: async () => ({ enqueue, missing: async () => [], hasten: enqueue, ensure: enqueue }),
    finance: async () => ({
      probeSchedule: async () => [],
      wakeUps: async (waiters: readonly { projectId: string }[]) =>
        waiters.map(({ projectId }) => ({ projectId, delay: 0 })),
    }),
    record: async (event: NewEvent) => void events.push(event),
  };
  const waiting = createProjectWaiting(deps);
  const polling = createProjectPolling(deps, waiting);
  return { ...{ store, jobs, events, waiting, polling }, poll: () => polling.poll(20_000) };
}

describe('a project that waits for room below a cap over all projects', () => {
  it.each<[string, Project, boolean]>([
    ['whose moment has come', waitsFor(ROOM), true],
    ['whose moment has not come', waitsFor({ ...ROOM, until: later(1) }), false],
    [
      'that began to wait at a time that has not come: the clock was set back',
      waitsFor({ ...ROOM, since: later(3_600_000), until: later(7_200_000) }),
      true,
    ],
    ['below no cap, but for a provider that fails, and is tried again now', waitsFor(FAILS), true],
    ['for a provider that fails, and is not tried again yet', waitsFor({ ...FAILS, until: later(1) }), false],
    [
      'for a provider that refuses its work, so that its owner must look',
      waitsFor({ for: 'provider', detail: 'It refuses.', since: later(-60_000) }),
      false,
    ],
    [
      'whose owner has paused it meanwhile',
      pause(waitsFor(ROOM), NOW, { for: 'owner', detail: 'Not now.', since: NOW }),
      false,
    ],
    [
      'and has none: it is a cap of its own, which its owner may raise',
      waitsFor({ for: 'budget', detail: 'Its budget is spent.', since: later(3_600_000) }),
      false,
    ],
  ])('%s: does it go on by itself?', async (_what, project, goesOn) => {
    const { store, jobs, events, poll } = roomFor([project]);
    await poll();
    await poll();
    const { status } = await store.project(project.id).get();
    expect([status, events.map(({ type }) => type), jobs.map(({ queue }) => queue)]).toEqual(
      goesOn ? ['active', ['project.woken'], ['agent-steps']] : ['paused', [], []],
    );
  });

  it.each<[string, Project, boolean, boolean]>([
    ['for an hour, whatever it fails at', waitsFor({ ...FAILS, until: later(3_600_000) }), true, true],
    [
      'for an hour, where only its place in the order is new',
      waitsFor({ ...FAILS, until: later(3_600_000) }),
      false,
      false,
    ],
    ['for room below a cap', waitsFor({ ...ROOM, until: later(3_600_000) }), true, false],
    [
      'until its owner looks',
      waitsFor({ for: 'provider', detail: 'It refuses.', since: later(-1) }),
      true,
      false,
    ],
  ])(
    'paused %s: does a provider that its owner added or gave a key set it to work?',
    async (_what, project, isNew, goesOn) => {
      const { store, jobs, polling } = roomFor([project]);
      await polling.requestProbeNow('second', isNew);
      const { status } = await store.project(project.id).get();
      expect([status, jobs.map(({ queue }) => queue)]).toEqual(
        goesOn ? ['active', ['agent-steps']] : ['paused', []],
      );
    },
  );

  it('asks the provider again that was given up for it, once that has a new key, and no other one', async () => {
    const project = waitsFor({ ...FAILS, until: later(3_600_000) });
    const { store, polling } = roomFor([project]);
    const failing = (provider: string) => ({
      ...{ provider, kind: 'money' as const, detail: 'Too little.', since: later(-9), at: later(-1) },
      ...{ rounds: 3, failures: 3, cost: 0, squeezed: true },
    });
    await store.finance(project.id).update((current) => ({ ...current, setbacks: ['a', 'b'].map(failing) }));
    await polling.requestProbeNow('b', true);
    const { setbacks } = await store.finance(project.id).get();
    expect(setbacks.map((each) => [each.provider, isGivenUp(each, NOW), each.squeezed])).toEqual([
      ['a', true, true],
      ['b', false, true],
    ]);
  });

  it('stays paused where the meter has refused it anew since whoever wakes it looked', async () => {
    const refused = waitsFor({ ...ROOM, until: later(60_000) });
    const { store, waiting } = roomFor([refused]);
    expect(await waiting.wakeOne(refused.id, 'There may be room.')).toBe(false);
    expect(await store.project(refused.id).get()).toEqual(refused);
  });

  it('is not told to its owner as a pause that needs them', async () => {
    const { events, waiting } = roomFor([sampleProject(), sampleProject({ id: OTHER_ID })]);
    await waiting.pauseFor(sampleProject().id, 'budget', 'The day is spent.', later(60_000));
    await waiting.pauseFor(OTHER_ID, 'budget', 'Its budget is spent.');
    expect(events.map(({ type, level }) => [type, level])).toEqual([
      ['project.paused', 'info'],
      ['project.paused', 'warn'],
    ]);
  });

  it('is told once where its provider fails hour after hour, until a step has gone well or its owner has let it go on', async () => {
    const { events, store, waiting } = roomFor([sampleProject({ status: 'active', started: true })]);
    const { id } = sampleProject();
    const hour = async () => {
      await waiting.pauseFor(id, 'provider', 'It fails.', later(-1));
      await waiting.wakeOne(id, 'Once more.');
      await waiting.waitForProvider(id, 'provider', 'It failed three times.');
      await waiting.wakeOne(id, 'It answers probes.');
    };
    const told = () => events.splice(0).flatMap(({ type, level }) => (level === 'warn' ? [type] : []));
    await hour();
    await hour();
    expect(told()).toEqual(['project.paused']);
    await waiting.wentWell(id);
    await hour();
    expect(told()).toEqual(['project.paused']);
    await waiting.pauseFor(id, 'provider', 'It fails.', later(-1));
    await store.project(id).update((current) => resume(current, NOW));
    await waiting.pauseFor(id, 'provider', 'It fails.', later(60_000));
    expect(told()).toEqual(['project.paused']);
  });

  it('is told once where that cap is too small for its calls, and says that it waits for a budget', async () => {
    const { events, store, waiting } = roomFor([sampleProject({ status: 'active', started: true })]);
    const { id } = sampleProject();
    const refused = { kind: 'refused', detail: 'It costs $3.00.', until: later(-1), cap: true } as const;
    const projects = {
      ...waiting,
      dispatchParent: async () => {},
    } as Partial<ProjectService> as ProjectService;
    for (const _hour of [1, 2]) {
      await waitForMoney(projects, id, refused);
      expect((await store.project(id).get()).waiting).toMatchObject({ for: 'budget', tooSmall: true });
      await waiting.wakeOne(id, 'There may be room.');
    }
    const told = events.filter(({ level }) => level === 'warn');
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining('$3.00. Raise that')]);
  });

  it('is told once that credits ran out, or a key is refused, also where it was told of before that its provider fails hour after hour', async () => {
    const { events, waiting } = roomFor([sampleProject({ status: 'active', started: true })]);
    const { id } = sampleProject();
    const hour = async (cause: 'credits' | 'key') => {
      await waiting.pauseFor(id, 'provider', 'It fails.', later(-1));
      await waiting.wakeOne(id, 'Once more.');
      await waiting.waitForProvider(id, cause, 'Nobody can answer.');
      await waiting.wakeOne(id, 'It answers probes.');
    };
    const told = () =>
      events
        .splice(0)
        .flatMap(({ level, data = {} }) => (level === 'warn' && 'for' in data ? [data.for] : []));
    for (const cause of ['credits', 'credits', 'key', 'key'] as const) await hour(cause);
    expect(told()).toEqual(['provider', 'credits', 'key']);
  });

  it('is woken in its turn: as many at a look as are at work, the longest waiting first, and one where none is', () => {
    const due = [3, 1, 2].map((minutes) =>
      waitsFor({ ...ROOM, since: later(-60_000 * minutes) }, { name: `for ${minutes}` }),
    );
    const holdsMoney = { for: 'rate' as const, detail: 'Others hold it.', since: NOW, until: later(9) };
    const working = [sampleProject(), sampleProject(), sampleProject({ waiting: holdsMoney })];
    const woken = (...others: Project[]) => pausesOver([...due, ...others], NOW).map(({ name }) => name);
    expect([woken(), woken(...working)]).toEqual([['for 3'], ['for 3', 'for 2']]);
  });
});
