import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/factory/model/journal.ts';
import type { Message } from '../../src/factory/talk/messages.ts';
import type { Question } from '../../src/factory/talk/questions.ts';
import {
  addTask,
  busy,
  claim,
  decision,
  doors,
  type ForkHouse,
  finish,
  good,
  openForkHouse,
  write,
} from '../support/fork-house.ts';
import { jsonLines } from '../support/looks.ts';
import { call, type Step, type Turn, taskIds } from '../support/model.ts';
import type { RunningDf } from '../support/processes/processes.ts';
import { until } from '../support/until.ts';

const ask =
  (more: object = {}): Step =>
  (turn) =>
    call('ask_owner', { question: 'Plus or minus?', task_id: taskIds(turn)[0] ?? '', ...more });
const says = ({ conversation }: Turn, text: string) =>
  conversation.filter((each) => each.role === 'user' && each.text.includes(text)).length;

// One home, one Redis, one model; workers come and go.
describe('owner and agents', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const door = doors();
  let house: ForkHouse;
  let worker: RunningDf;
  /** How often the request of a step had each of these texts, by step. */
  const heard: number[][] = [];
  const listen =
    (step: Step, ...texts: string[]): Step =>
    (turn) => {
      heard.push(texts.map((text) => says(turn, text)));
      return typeof step === 'function' ? step(turn) : step;
    };
  const questions = (id: string) => house.s.json<Question[]>('questions', id);
  const messages = (id: string) => house.s.json<Message[]>('messages', id);
  const notes = async (id: string, key: string) => {
    const file = join(house.services.state.projectFolder(id), 'agents/engineer.jsonl');
    return (await jsonLines<JournalEntry>(file)).filter(
      (each) => each.type === 'note' && each.key.startsWith(key),
    );
  };
  const killed = async () => {
    worker.kill('SIGKILL');
    await worker.exited;
    worker = await house.s.worker();
  };
  const asked = async (id: string, count = 1) =>
    until(
      async () => {
        const found = (await house.services.state.talk(id).entries()).filter(
          ({ type }) => type === 'question',
        );
        return found.length >= count ? await questions(id) : null;
      },
      120_000,
      'the agent has asked',
    );

  beforeAll(async () => {
    const config = ['questions:', '  patience: 6s', 'limits:', '  diskFree: 0', '  crashes: 100'];
    house = await openForkHouse(config, 0, (close) => closers.push(close));
    worker = await house.s.worker();
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  it('A89 talk through kill -9 and a flushed Redis: each question, answer and message once, the first answer counts', async () => {
    const steps = [
      listen(door.wait('told'), 'The owner says: Mind', 'answers your question'),
      write('a + b\n'),
    ];
    const start = [
      addTask,
      ask(),
      ...steps,
      listen(claim, 'The owner says: Mind', 'answers your question'),
      finish,
    ];
    const id = await house.begin('asks', { start, options: {} });
    await asked(id);
    await killed();
    const waiting = await house.when(id, 'waiting for its owner', ({ status }) => status === 'paused');
    const [question] = await questions(id);
    expect(waiting.waiting).toMatchObject({ for: 'owner', question: question?.id });
    expect(await house.s.json('status', id)).toMatchObject({
      tasks: { blocked: 1 },
      waiting: { for: 'owner' },
    });

    const told = await house.s.json<Message>('tell', id, 'Mind', 'the', 'sign.');
    expect(told).toMatchObject({
      projectId: id,
      text: 'Mind the sign.',
      from: 'owner',
      sentAt: expect.any(String),
    });
    await (await house.services.redis()).flushall();
    const reference = question?.id.slice(0, 8) ?? '';
    const both = await Promise.all(
      ['Plus.', 'Minus.'].map((text) => house.s.program('answer', reference, text, '--json')),
    );
    expect(both.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(both.find(({ code }) => code === 1)?.stderr).toContain('already_answered');

    await until(async () => (await notes(id, 'answer-')).length > 0, 120_000, 'the answer is in a request');
    await killed();
    door.open('told');
    expect(await house.ended(id)).toMatchObject({ status: 'completed' });
    for (const times of heard) expect(times).toEqual([1, 1]);
    expect(heard.length).toBeGreaterThan(1);
    expect(await notes(id, 'answer-')).toHaveLength(1);
    const [note] = await notes(id, 'message-');
    expect(await messages(id)).toEqual([{ ...told, deliveredAt: note?.at, step: note?.step }]);
    const [{ answer = '', by } = {}] = await questions(id);
    expect(by).toBe('owner');
    expect((await house.s.df('export', id)).stdout).toContain(
      `Answered by owner: “${answer.replace('.', '')}`,
    );
    const acts = (await house.s.events(id))
      .filter(({ data }) => data?.by === 'owner')
      .map(({ type }) => type);
    expect(acts).toEqual(['project.created', 'project.started', 'message.sent', 'question.answered']);
    for (const args of [
      ['tell', id, 'Late.'],
      ['answer', reference, 'Late.'],
    ]) {
      const late = await house.s.df(...args);
      expect([late.code, late.stderr]).toEqual([2, expect.stringContaining('df init <name> --base')]);
    }
  });

  it('need nobody awake where there is a default: it decides after the patience, and the report says so', async () => {
    const start = [addTask, ask({ default: 'Plus.' }), finish, write('a + b\n'), claim, finish];
    const id = await house.begin('sleeps', { start, options: {} });
    const { waiting } = await house.when(id, 'waiting', ({ status }) => status === 'paused');
    expect(waiting).toMatchObject({ for: 'owner', until: expect.any(Date) });
    // Whoever follows it stays: a default is no reason to go.
    expect((await house.s.df('start', id, '--wait')).code).toBe(0);
    expect(await questions(id)).toMatchObject([{ default: 'Plus.', answer: 'Plus.', by: 'default' }]);
    expect((await house.s.df('export', id)).stdout).toContain('its default decided:** “Plus');
  });

  it('an agent that gets nowhere while its question is open waits for the answer, and is not given up', async () => {
    // Its conversation is taken away on the way, so it is not told apart by its length.
    const first: Step[] = [addTask, call('ask_owner', { question: 'Which sign?' })];
    const last: Step[] = [write('a + b\n'), claim, finish];
    const next: Step = (turn) => {
      const knows = says(turn, 'answers your question') > 0;
      const step = (knows ? last : first).shift() ?? call('bash', { command: 'cat sum.txt' });
      return typeof step === 'function' ? step(turn) : step;
    };
    const start = [next];
    const id = await house.begin('stuck', { start, options: {} });
    const [question] = await asked(id);
    const { waiting } = await house.when(id, 'waiting', ({ status }) => status !== 'active');
    expect(waiting).toMatchObject({ for: 'owner', question: question?.id });
    await house.s.json('answer', question?.id ?? '', 'The plus.');
    expect(await house.ended(id)).toMatchObject({ status: 'completed' });
    expect(await notes(id, 'answer-')).toHaveLength(1);
  });

  it('talk across a fork: branches get the answer to what was asked before, a message to the parent waits', async () => {
    const options = { Plus: good(), Loop: [busy, ...good()] };
    const after = [listen(finish, 'The owner says: For later'), finish];
    const start = [addTask, call('ask_owner', { question: 'Which sign?' }), decision(['Plus', 'Loop'])];
    const id = await house.begin('forks', { start, options, after });
    const [question] = await asked(id);
    const parent = await house.when(id, 'forked', ({ childProjectIds }) => childProjectIds.length === 2);
    for (const child of parent.childProjectIds)
      await house.when(child, 'waiting for the answer', ({ waiting }) => waiting?.question === question?.id);
    heard.length = 0;
    await house.s.json('tell', id, 'For later.');
    expect(await messages(id)).toMatchObject([{ text: 'For later.' }]);
    await killed();
    await house.s.json('answer', question?.id ?? '', 'The plus.');
    expect(await house.ended(id)).toMatchObject({ status: 'completed', forks: [{ phase: 'merged' }] });
    for (const child of parent.childProjectIds) {
      expect(await notes(child, 'answer-')).toHaveLength(1);
      expect(await notes(child, 'message-')).toEqual([]);
    }
    expect(await notes(id, 'answer-')).toHaveLength(1);
    expect(await messages(id)).toMatchObject([{ text: 'For later.', step: expect.any(Number) }]);
    expect(heard[0]).toEqual([1]);
  });
});
