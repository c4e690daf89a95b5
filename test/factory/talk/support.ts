import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, onTestFinished } from 'vitest';
import type { NewEvent } from '../../../src/factory/model/event.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { type AskContext, askOwner } from '../../../src/factory/talk/ask-owner.ts';
import { holdFor } from '../../../src/factory/talk/hold.ts';
import { unheard } from '../../../src/factory/talk/notes.ts';
import { type Question, questionsOf } from '../../../src/factory/talk/questions.ts';
import { addProject, openStore } from '../../state/samples.ts';
import { samplePersona } from '../../support/samples.ts';

export const PATIENCE = 30 * 60_000;
export const ME = { host: 'here', pid: 1, startedAt: 'now' };
export const AT_WORK = {
  status: 'active',
  started: true,
  prepared: true,
  baselineGate: 'baseline',
} as const;

interface Talk {
  folder: string;
  state: ReturnType<typeof openStore>['store'];
  project: Project;
  events: NewEvent[];
  /** What the clock says. */
  time: number;
}

/** A project at work with an engineer and a tester before each test, on files, with the means of both sides to talk. */
export function useTalk() {
  const talk = {} as Talk;
  const deps = () => ({
    state: talk.state,
    newId: () => randomUUID(),
    now: () => new Date(talk.time),
    async record(event: NewEvent) {
      talk.events.push(event);
      await talk.state
        .events(event.projectId)
        .append({ timestamp: new Date(talk.time).toISOString(), ...event });
    },
    patience: PATIENCE,
  });

  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'talk-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const state = openStore(folder).store;
    const project = await addProject(state, {
      ...AT_WORK,
      personas: [samplePersona('engineer', 1), samplePersona('tester', 2)],
    });
    Object.assign(talk, { folder, state, project, events: [], time: Date.parse('2026-03-01T22:00:00.000Z') });
  });

  /** Asks as an agent does, by one call of one step. */
  async function ask(args: object, { step = 1, of = talk.project } = {}): Promise<Question | undefined> {
    const { record } = deps();
    const context = {
      ...{ state: talk.state, project: of, persona: 'engineer', now: deps().now, patienceMs: PATIENCE },
      record: (event: object) =>
        record({ projectId: of.id, persona: 'engineer', level: 'info', ...event } as NewEvent),
    } as unknown as AskContext;
    const call = { key: `engineer/${step}/0`, signal: new AbortController().signal, check: async () => {} };
    const { isError, output } = await askOwner.run(JSON.stringify(args), context, call);
    if (isError) throw new Error(output);
    return (await questionsOf(talk.state, of)).at(-1);
  }

  async function asked(args: object, at?: Parameters<typeof ask>[1]): Promise<Question> {
    const question = await ask(args, at);
    if (question === undefined) throw new Error('nothing was asked');
    return question;
  }

  /** A step of an agent to which notes with these keys were given. */
  async function hand(keys: readonly string[], persona = 'engineer', step = 1): Promise<void> {
    const writer = await talk.state.journal(talk.project.id, persona).lease(step, ME);
    await writer?.append(...keys.map((key) => ({ type: 'note' as const, key, text: key })), {
      type: 'step_done',
      outcome: 'continue',
    });
  }

  /** Keys of what an agent has still to be told. */
  const due = async (persona = 'engineer') =>
    (await unheard(talk.state, talk.project, persona)).map(({ key }) => key);
  const hold = (claims = false) => holdFor(deps(), talk.project, { persona: 'engineer', claims });
  return { talk, deps, ask, asked, hand, due, hold };
}
