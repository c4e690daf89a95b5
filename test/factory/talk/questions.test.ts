import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pause } from '../../../src/factory/model/lifecycle.ts';
import { answerKey, DEFAULT } from '../../../src/factory/model/talk.ts';
import { allQuestions, findQuestion } from '../../../src/factory/talk/find-question.ts';
import { goOnWhenAnswered } from '../../../src/factory/talk/hold.ts';
import { tell } from '../../../src/factory/talk/messages.ts';
import { unheard } from '../../../src/factory/talk/notes.ts';
import { answer, decidedQuestions, questionsOf } from '../../../src/factory/talk/questions.ts';
import { addProject, openStore } from '../../state/samples.ts';
import { sampleTask } from '../../support/samples.ts';

import { AT_WORK, ME, PATIENCE, useTalk } from './support.ts';

const { talk, deps, ask, asked, hand, due, hold } = useTalk();

describe('a question', () => {
  it('asked again after a crash is one question, told once, and its task hangs on it until it is answered', async () => {
    const task = sampleTask({ status: 'in_progress' });
    await talk.state.tasks(talk.project.id).update((list) => ({ ...list, tasks: [task] }));
    const question = await asked({ question: 'Which?', task_id: task.id });
    await ask({ question: 'Which?', task_id: task.id });
    expect(await questionsOf(talk.state, talk.project)).toHaveLength(1);
    expect(talk.events.filter(({ type }) => type === 'question.asked')).toHaveLength(1);
    expect((await talk.state.tasks(talk.project.id).get()).tasks).toMatchObject([
      { status: 'blocked', blockedBy: 'question' },
    ]);
    await answer(deps(), question, 'This one.', 'owner');
    expect(await hold()).toBeNull();
    expect((await talk.state.tasks(talk.project.id).get()).tasks).toMatchObject([{ status: 'pending' }]);
    await ask({ question: 'Which?', task_id: task.id });
    expect((await talk.state.tasks(talk.project.id).get()).tasks).toMatchObject([{ status: 'pending' }]);
    await expect(ask({ question: 'Which?', task_id: 'none' }, { step: 2 })).rejects.toThrow(
      'Nothing was asked',
    );
  });

  it('answered twice at once takes the first answer, and the other is told so', async () => {
    const question = await asked({ question: 'Which?' });
    const other = openStore(talk.folder).store;
    const both = await Promise.allSettled([
      answer(deps(), question, 'This.', 'anna'),
      answer({ ...deps(), state: other }, question, 'That.', 'ben'),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [lost] = both.filter((each) => each.status === 'rejected');
    expect(lost?.reason).toMatchObject({ kind: 'failed', code: 'already_answered' });
    const [{ by, answer: text } = {}] = await questionsOf(talk.state, talk.project);
    expect(lost?.reason.message).toContain(by);
    expect(lost?.reason.message).toContain(text);
    expect(talk.events.filter(({ type }) => type === 'question.answered')).toMatchObject([{ data: { by } }]);
  });

  it('with a default is decided by it after the patience, once, and not before', async () => {
    await asked({ question: 'Which?', default: 'The first.' });
    const open = await asked({ question: 'Why?' }, { step: 2 });
    talk.time += PATIENCE - 1;
    expect((await decidedQuestions(deps(), talk.project, PATIENCE)).map((each) => each.answer)).toEqual([
      undefined,
      undefined,
    ]);
    talk.time += 1;
    const twice = await Promise.all([1, 2].map(() => decidedQuestions(deps(), talk.project, PATIENCE)));
    for (const each of twice)
      expect(each).toMatchObject([{ answer: 'The first.', by: DEFAULT }, { id: open.id }]);
    const [note] = await unheard(talk.state, talk.project, 'engineer');
    expect(note?.text).toContain('Nobody has answered');
    const [question] = await questionsOf(talk.state, talk.project);
    await expect(answer(deps(), question ?? open, 'Too late.', 'owner')).rejects.toMatchObject({
      code: 'already_answered',
    });
  });

  it('of a parent, open at the fork, is answered for its branches too', async () => {
    const question = await asked({ question: 'Which?', default: 'The first.' });
    const branch = await addProject(talk.state, { ...AT_WORK, parentProjectId: talk.project.id });
    expect(await questionsOf(talk.state, branch)).toMatchObject([
      { id: question.id, projectId: talk.project.id },
    ]);
    await answer(deps(), question, 'This.', 'owner');
    expect(await unheard(talk.state, branch, 'engineer')).toMatchObject([{ key: answerKey(question.id) }]);
    await asked({ question: 'And here?' }, { of: branch });
    expect(await questionsOf(talk.state, talk.project)).toHaveLength(1);
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
    talk.project = await talk.state
      .project(talk.project.id)
      .update((each) => pause(each, new Date(talk.time), waiting));
    return waiting;
  };

  it('goes on while there is other work or news, and waits for its owner when nothing else is left', async () => {
    const [mine, other] = [
      sampleTask({ status: 'in_progress' }),
      sampleTask({ id: randomUUID(), status: 'pending' }),
    ];
    await talk.state.tasks(talk.project.id).update((list) => ({ ...list, tasks: [mine, other] }));
    const { id } = await asked({ question: 'Which?', default: 'This.', task_id: mine.id });
    expect(await hold()).toBeNull();
    expect(await hold(true)).toMatchObject({ for: 'owner', question: id });
    await talk.state
      .tasks(talk.project.id)
      .update(({ tasks: [first], ...list }) => ({ ...list, tasks: first ? [first] : [] }));
    expect(await hold()).toMatchObject({ for: 'owner', question: id, until: new Date(talk.time + PATIENCE) });
    await tell(deps(), talk.project, 'Hello.', { by: 'owner' });
    expect(await hold()).toBeNull();
  });

  it('waits with an agent that would be given up for no progress, and goes on with the answer', async () => {
    await talk.state
      .tasks(talk.project.id)
      .update((list) => ({ ...list, tasks: [sampleTask({ status: 'in_progress' })] }));
    const question = await asked({ question: 'Which?' });
    await hand(['opening']);
    expect(await hold()).toBeNull();
    const writer = await talk.state.journal(talk.project.id, 'engineer').lease(2, ME);
    await writer?.append({ type: 'step_done', outcome: 'continue', progress: 'blocked', reason: 'a loop' });
    expect(await hold()).toMatchObject({ for: 'owner', question: question.id });
    await pausedFor();
    await answer(deps(), question, 'This.', 'owner');
    expect(await goOnWhenAnswered(deps(), talk.project.id)).toBe(true);
    expect(await hold()).toBeNull();
    await asked({ question: 'And that?' }, { step: 3 });
    const next = await talk.state.journal(talk.project.id, 'engineer').lease(3, ME);
    await next?.append({ type: 'note', key: answerKey(question.id), text: 'This.' });
    expect(await hold()).toBeNull();
  });

  it('goes on with an answer or with its default, and not with a message', async () => {
    const task = sampleTask({ status: 'in_progress' });
    await talk.state.tasks(talk.project.id).update((list) => ({ ...list, tasks: [task] }));
    const question = await asked({ question: 'Which?', task_id: task.id });
    await pausedFor();
    await tell(deps(), talk.project, 'Hello.', { by: 'owner' });
    expect(await goOnWhenAnswered(deps(), talk.project.id)).toBe(false);
    await answer(deps(), question, 'This.', 'owner');
    expect(await Promise.all([1, 2].map(() => goOnWhenAnswered(deps(), talk.project.id)))).toContain(true);
    expect(await talk.state.project(talk.project.id).get()).toMatchObject({ status: 'active' });
    expect(talk.events.filter(({ type }) => type === 'project.woken')).toHaveLength(1);

    talk.project = await talk.state.project(talk.project.id).get();
    await hand(await due());
    await asked({ question: 'And now?', default: 'That.', task_id: task.id }, { step: 2 });
    await pausedFor();
    talk.time += PATIENCE;
    expect(await goOnWhenAnswered(deps(), talk.project.id)).toBe(true);
  });

  it('stays paused when its owner pauses it as well', async () => {
    const question = await asked({ question: 'Which?' });
    await talk.state
      .tasks(talk.project.id)
      .update((list) => ({ ...list, tasks: [sampleTask({ status: 'blocked', blockedBy: 'agent' })] }));
    await pausedFor();
    const order = { for: 'owner', detail: 'Paused by its owner.', since: new Date(talk.time) } as const;
    await talk.state.project(talk.project.id).update((each) => pause(each, new Date(talk.time), order));
    await answer(deps(), question, 'This.', 'owner');
    expect(await goOnWhenAnswered(deps(), talk.project.id)).toBe(false);
    expect(await talk.state.project(talk.project.id).get()).toMatchObject({
      status: 'paused',
      waiting: order,
    });
  });
});

it('a question is named by a beginning of its id, over all projects', async () => {
  const question = await asked({ question: 'Which?' });
  const other = await addProject(talk.state, AT_WORK);
  await asked({ question: 'And there?' }, { of: other });
  const all = await allQuestions(talk.state);
  expect(all).toHaveLength(2);
  expect(findQuestion(all, question.id.slice(0, 8).toUpperCase())).toMatchObject({ id: question.id });
  const twins = [...all, { ...question, id: `${question.id.slice(0, 8)}-0000` }];
  const refused = (reference: string) => () => findQuestion(twins, reference);
  expect(refused(question.id.slice(0, 8))).toThrow(expect.objectContaining({ code: 'question_ambiguous' }));
  for (const none of ['', 'no-such'])
    expect(refused(none)).toThrow(expect.objectContaining({ code: 'question_not_found' }));
});
