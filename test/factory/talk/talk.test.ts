import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { NewEvent } from '../../../src/factory/model/event.ts';
import { pause } from '../../../src/factory/model/lifecycle.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { answerKey, DEFAULT, messageKey } from '../../../src/factory/model/talk.ts';
import { type AskContext, askOwner } from '../../../src/factory/talk/ask-owner.ts';
import { allQuestions, findQuestion } from '../../../src/factory/talk/find-question.ts';
import { goOnWhenAnswered, holdFor } from '../../../src/factory/talk/hold.ts';
import { messagesOf, tell } from '../../../src/factory/talk/messages.ts';
import { saidSoFar, unheard } from '../../../src/factory/talk/notes.ts';
import { answer, decidedQuestions, type Question, questionsOf } from '../../../src/factory/talk/questions.ts';
import { addProject, openStore } from '../../state/samples.ts';
import { samplePersona, sampleTask } from '../../support/samples.ts';

const PATIENCE = 30 * 60_000;
const ME = { host: 'here', pid: 1, startedAt: 'now' };
const AT_WORK = { status: 'active', started: true, prepared: true, baselineGate: 'baseline' } as const;

let folder: string;
let state: ReturnType<typeof openStore>['store'];
let project: Project;
let events: NewEvent[];
let time: number;
const deps = () => ({
  state,
  newId: () => randomUUID(),
  now: () => new Date(time),
  async record(event: NewEvent) {
    events.push(event);
    await state.events(event.projectId).append({ timestamp: new Date(time).toISOString(), ...event });
  },
  patience: PATIENCE,
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talk-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  state = openStore(folder).store;
  project = await addProject(state, {
    ...AT_WORK,
    personas: [samplePersona('engineer', 1), samplePersona('tester', 2)],
  });
  events = [];
  time = Date.parse('2026-03-01T22:00:00.000Z');
});

/** Asks as an agent does, by one call of one step. */
async function ask(args: object, { step = 1, of = project } = {}): Promise<Question | undefined> {
  const { record } = deps();
  const context = {
    ...{ state, project: of, persona: 'engineer', now: deps().now, patienceMs: PATIENCE },
    record: (event: object) =>
      record({ projectId: of.id, persona: 'engineer', level: 'info', ...event } as NewEvent),
  } as unknown as AskContext;
  const call = { key: `engineer/${step}/0`, signal: new AbortController().signal, check: async () => {} };
  const { isError, output } = await askOwner.run(JSON.stringify(args), context, call);
  if (isError) throw new Error(output);
  return (await questionsOf(state, of)).at(-1);
}

async function asked(args: object, at?: Parameters<typeof ask>[1]): Promise<Question> {
  const question = await ask(args, at);
  if (question === undefined) throw new Error('nothing was asked');
  return question;
}

async function hand(keys: readonly string[], persona = 'engineer', step = 1): Promise<void> {
  const writer = await state.journal(project.id, persona).lease(step, ME);
  await writer?.append(...keys.map((key) => ({ type: 'note' as const, key, text: key })), {
    type: 'step_done',
    outcome: 'continue',
  });
}

const due = async (persona = 'engineer') => (await unheard(state, project, persona)).map(({ key }) => key);
const hold = (claims = false) => holdFor(deps(), project, { persona: 'engineer', claims });

describe('a message', () => {
  it('is for whichever agent is at work, once, and the journal is its receipt', async () => {
    const { id } = await tell(deps(), project, ' Mind the sign. ', { by: 'owner' });
    expect(await due('engineer')).toEqual([messageKey(id)]);
    expect(await due('tester')).toEqual([messageKey(id)]);
    await hand([messageKey(id)]);
    expect([...(await due('engineer')), ...(await due('tester'))]).toEqual([]);
    expect(await messagesOf(state, project)).toMatchObject([
      {
        id,
        projectId: project.id,
        text: 'Mind the sign.',
        from: 'owner',
        sentAt: new Date(time),
        step: 1,
        deliveredAt: {},
      },
    ]);
    expect(events).toMatchObject([{ type: 'message.sent', data: { by: 'owner', messageId: id } }]);
  });

  it('is data to whoever shows it to a model, and stays with it when the conversation is made shorter', async () => {
    const { id } = await tell(deps(), project, 'Red \u001b[31malert\u001b]0;owned\u0007', { by: 'owner' });
    expect(await unheard(state, project, 'engineer')).toMatchObject([{ text: 'The owner says: Red alert' }]);
    expect(await saidSoFar(state, project)).toBe('');
    await hand([messageKey(id)]);
    expect(await saidSoFar(state, project)).toContain('Red alert');
  });

  it('of a parent is not the branch’s, and what was said before the fork is remembered there', async () => {
    const { id } = await tell(deps(), project, 'Before.', { by: 'owner' });
    await hand([messageKey(id)]);
    const branch = await addProject(state, { ...AT_WORK, parentProjectId: project.id });
    const writer = await state.journal(branch.id, 'engineer').lease(1, ME);
    await writer?.append({ type: 'note', key: messageKey(id), text: 'Before.' });
    await tell(deps(), project, 'For later.', { by: 'owner' });
    expect(await unheard(state, branch, 'engineer')).toEqual([]);
    expect(await saidSoFar(state, branch)).toContain('Before.');
    expect(await saidSoFar(state, branch)).not.toContain('For later.');
  });
});

describe('a question', () => {
  it('asked again after a crash is one question, told once, and its task hangs on it until it is answered', async () => {
    const task = sampleTask({ status: 'in_progress' });
    await state.tasks(project.id).update((list) => ({ ...list, tasks: [task] }));
    const question = await asked({ question: 'Which?', task_id: task.id });
    await ask({ question: 'Which?', task_id: task.id });
    expect(await questionsOf(state, project)).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'question.asked')).toHaveLength(1);
    expect((await state.tasks(project.id).get()).tasks).toMatchObject([
      { status: 'blocked', blockedBy: 'question' },
    ]);
    await answer(deps(), question, 'This one.', 'owner');
    expect(await hold()).toBeNull();
    expect((await state.tasks(project.id).get()).tasks).toMatchObject([{ status: 'pending' }]);
    await ask({ question: 'Which?', task_id: task.id });
    expect((await state.tasks(project.id).get()).tasks).toMatchObject([{ status: 'pending' }]);
    await expect(ask({ question: 'Which?', task_id: 'none' }, { step: 2 })).rejects.toThrow(
      'Nothing was asked',
    );
  });

  it('answered twice at once takes the first answer, and the other is told so', async () => {
    const question = await asked({ question: 'Which?' });
    const other = openStore(folder).store;
    const both = await Promise.allSettled([
      answer(deps(), question, 'This.', 'anna'),
      answer({ ...deps(), state: other }, question, 'That.', 'ben'),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [lost] = both.filter((each) => each.status === 'rejected');
    expect(lost?.reason).toMatchObject({ kind: 'failed', code: 'already_answered' });
    const [{ by, answer: text } = {}] = await questionsOf(state, project);
    expect(lost?.reason.message).toContain(by);
    expect(lost?.reason.message).toContain(text);
    expect(events.filter(({ type }) => type === 'question.answered')).toMatchObject([{ data: { by } }]);
  });

  it('with a default is decided by it after the patience, once, and not before', async () => {
    await asked({ question: 'Which?', default: 'The first.' });
    const open = await asked({ question: 'Why?' }, { step: 2 });
    time += PATIENCE - 1;
    expect((await decidedQuestions(deps(), project, PATIENCE)).map((each) => each.answer)).toEqual([
      undefined,
      undefined,
    ]);
    time += 1;
    const twice = await Promise.all([1, 2].map(() => decidedQuestions(deps(), project, PATIENCE)));
    for (const each of twice)
      expect(each).toMatchObject([{ answer: 'The first.', by: DEFAULT }, { id: open.id }]);
    const [note] = await unheard(state, project, 'engineer');
    expect(note?.text).toContain('Nobody has answered');
    const [question] = await questionsOf(state, project);
    await expect(answer(deps(), question ?? open, 'Too late.', 'owner')).rejects.toMatchObject({
      code: 'already_answered',
    });
  });

  it('of a parent, open at the fork, is answered for its branches too', async () => {
    const question = await asked({ question: 'Which?', default: 'The first.' });
    const branch = await addProject(state, { ...AT_WORK, parentProjectId: project.id });
    expect(await questionsOf(state, branch)).toMatchObject([{ id: question.id, projectId: project.id }]);
    await answer(deps(), question, 'This.', 'owner');
    expect(await unheard(state, branch, 'engineer')).toMatchObject([{ key: answerKey(question.id) }]);
    await asked({ question: 'And here?' }, { of: branch });
    expect(await questionsOf(state, project)).toHaveLength(1);
  });

  it('is refused when twenty wait already', async () => {
    for (let step = 1; step <= 20; step += 1) await ask({ question: `${step}?` }, { step });
    await expect(ask({ question: 'One more?' }, { step: 21 })).rejects.toThrow('20 questions wait');
  });
});

describe('a project with an open question', () => {
  const pausedFor = async () => {
    const waiting = await hold();
    if (waiting === null) throw new Error('it does not wait');
    project = await state.project(project.id).update((each) => pause(each, new Date(time), waiting));
    return waiting;
  };

  it('goes on while there is other work or news, and waits for its owner when nothing else is left', async () => {
    const [mine, other] = [
      sampleTask({ status: 'in_progress' }),
      sampleTask({ id: randomUUID(), status: 'pending' }),
    ];
    await state.tasks(project.id).update((list) => ({ ...list, tasks: [mine, other] }));
    const { id } = await asked({ question: 'Which?', default: 'This.', task_id: mine.id });
    expect(await hold()).toBeNull();
    expect(await hold(true)).toMatchObject({ for: 'owner', question: id });
    await state
      .tasks(project.id)
      .update(({ tasks: [first], ...list }) => ({ ...list, tasks: first ? [first] : [] }));
    expect(await hold()).toMatchObject({ for: 'owner', question: id, until: new Date(time + PATIENCE) });
    await tell(deps(), project, 'Hello.', { by: 'owner' });
    expect(await hold()).toBeNull();
  });

  it('waits with an agent that would be given up for no progress, and goes on with the answer', async () => {
    await state
      .tasks(project.id)
      .update((list) => ({ ...list, tasks: [sampleTask({ status: 'in_progress' })] }));
    const question = await asked({ question: 'Which?' });
    await hand(['opening']);
    expect(await hold()).toBeNull();
    const writer = await state.journal(project.id, 'engineer').lease(2, ME);
    await writer?.append({ type: 'step_done', outcome: 'continue', progress: 'blocked', reason: 'a loop' });
    expect(await hold()).toMatchObject({ for: 'owner', question: question.id });
    await pausedFor();
    await answer(deps(), question, 'This.', 'owner');
    expect(await goOnWhenAnswered(deps(), project.id)).toBe(true);
    expect(await hold()).toBeNull();
    await asked({ question: 'And that?' }, { step: 3 });
    const next = await state.journal(project.id, 'engineer').lease(3, ME);
    await next?.append({ type: 'note', key: answerKey(question.id), text: 'This.' });
    expect(await hold()).toBeNull();
  });

  it('goes on with an answer or with its default, and not with a message', async () => {
    const task = sampleTask({ status: 'in_progress' });
    await state.tasks(project.id).update((list) => ({ ...list, tasks: [task] }));
    const question = await asked({ question: 'Which?', task_id: task.id });
    await pausedFor();
    await tell(deps(), project, 'Hello.', { by: 'owner' });
    expect(await goOnWhenAnswered(deps(), project.id)).toBe(false);
    await answer(deps(), question, 'This.', 'owner');
    expect(await Promise.all([1, 2].map(() => goOnWhenAnswered(deps(), project.id)))).toContain(true);
    expect(await state.project(project.id).get()).toMatchObject({ status: 'active' });
    expect(events.filter(({ type }) => type === 'project.woken')).toHaveLength(1);

    project = await state.project(project.id).get();
    await hand(await due());
    await asked({ question: 'And now?', default: 'That.', task_id: task.id }, { step: 2 });
    await pausedFor();
    time += PATIENCE;
    expect(await goOnWhenAnswered(deps(), project.id)).toBe(true);
  });

  it('stays paused when its owner pauses it as well', async () => {
    const question = await asked({ question: 'Which?' });
    await state
      .tasks(project.id)
      .update((list) => ({ ...list, tasks: [sampleTask({ status: 'blocked', blockedBy: 'agent' })] }));
    await pausedFor();
    const order = { for: 'owner', detail: 'Paused by its owner.', since: new Date(time) } as const;
    await state.project(project.id).update((each) => pause(each, new Date(time), order));
    await answer(deps(), question, 'This.', 'owner');
    expect(await goOnWhenAnswered(deps(), project.id)).toBe(false);
    expect(await state.project(project.id).get()).toMatchObject({ status: 'paused', waiting: order });
  });
});

it('is named by a beginning of its id, over all projects', async () => {
  const question = await asked({ question: 'Which?' });
  const other = await addProject(state, AT_WORK);
  await asked({ question: 'And there?' }, { of: other });
  const all = await allQuestions(state);
  expect(all).toHaveLength(2);
  expect(findQuestion(all, question.id.slice(0, 8).toUpperCase())).toMatchObject({ id: question.id });
  const twins = [...all, { ...question, id: `${question.id.slice(0, 8)}-0000` }];
  const refused = (reference: string) => () => findQuestion(twins, reference);
  expect(refused(question.id.slice(0, 8))).toThrow(expect.objectContaining({ code: 'question_ambiguous' }));
  for (const none of ['', 'no-such'])
    expect(refused(none)).toThrow(expect.objectContaining({ code: 'question_not_found' }));
});

it('nothing of it stands in clear where journals are encrypted', async () => {
  const secret = openStore(folder, true).store;
  await tell({ ...deps(), state: secret }, project, 'A word in confidence.', { by: 'owner' });
  const file = join(secret.projectFolder(project.id), 'talk.jsonl');
  expect(await readFile(file, 'utf8')).not.toContain('confidence');
  expect(await messagesOf(secret, project)).toMatchObject([{ text: 'A word in confidence.' }]);
});
