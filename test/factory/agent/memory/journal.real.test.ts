import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMemoryCache } from '../../../../src/factory/agent/memory/memory-cache.ts';
import { runTurn } from '../../../../src/factory/agent/turn/turn.ts';
import type { TurnOutcome } from '../../../../src/factory/agent/turn/turn-types.ts';
import { type JournalWriter, LeaseLost } from '../../../../src/factory/ports.ts';
import { createJournal } from '../../../../src/state/logs/journal.ts';
import { stateDeps, withFolder } from '../../../state/support.ts';
import type { Line } from '../scripted-lines.ts';
import { Crash, createWorld, NOW, saying, type World } from '../support.ts';

const HOLDER = { host: 'here', pid: 1, startedAt: '1' };
const LINES: Line[] = [
  {
    text: 'I begin.',
    calls: [
      ['bash', { command: 'one' }],
      ['read_file', { path: 'a' }],
      ['bash', { command: 'two' }],
    ],
  },
  { text: 'Nothing to call.' },
  {
    calls: [
      ['write_file', { path: 'a', content: 'x' }],
      ['bash', { command: 'three' }],
    ],
  },
  {
    calls: [
      ['commit', { message: 'm' }],
      ['finish', { summary: 's' }],
    ],
  },
];

/** Counts the appends of all processes; at the n-th the process dies with the last `torn` bytes not on disk. */
interface Death {
  at: number;
  torn: number;
  appends: number;
}

/** One process: a journal of its own on the same file, turns until the end or death. */
async function process(world: World, file: string, death: Death): Promise<TurnOutcome> {
  const journal = createJournal({ ...stateDeps(), clock: { now: () => NOW } }, file);
  const cache = createMemoryCache();
  for (;;) {
    const last = (await journal.entries()).at(-1);
    if (last?.type === 'step_done' && last.outcome === 'finish') return { kind: 'done', outcome: 'finish' };
    const { nextStep } = await cache.read('agent', journal);
    const writer = await journal.lease(nextStep, HOLDER);
    if (writer === null) throw new Error(`step ${nextStep} is not the next one`);
    const mortal: JournalWriter = {
      ...writer,
      async append(...records) {
        await writer.append(...records);
        death.appends += 1;
        if (death.appends !== death.at) return;
        await truncate(file, (await stat(file)).size - death.torn);
        throw new Crash('died while writing');
      },
    };
    const memory = await cache.read('agent', journal);
    const outcome = await runTurn(world.deps(), memory, mortal, new AbortController().signal);
    if (outcome.kind !== 'done' || outcome.outcome !== 'continue') return outcome;
  }
}

async function runWithDeath(folder: string, name: string, at: number, torn: number) {
  const world = createWorld({ model: saying(...LINES) });
  const file = join(folder, `${name}.jsonl`);
  const death: Death = { at, torn, appends: 0 };
  let died = false;
  let outcome: TurnOutcome | undefined;
  try {
    outcome = await process(world, file, death);
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    died = true;
    outcome = await process(world, file, death);
  }
  const memory = await createMemoryCache().read(
    'agent',
    createJournal({ ...stateDeps(), clock: { now: () => NOW } }, file),
  );
  return { world, outcome, died, memory };
}

test('A04 with the journal on disk, torn at its last line by a crash at any write, no command runs twice', async () => {
  await withFolder(async (folder) => {
    const calm = await runWithDeath(folder, 'calm', 0, 0);
    expect(calm.outcome).toMatchObject({ outcome: 'finish' });
    let at = 0;
    for (let died = true; died; ) {
      at += 1;
      for (const torn of [0, 1, 30]) {
        const run = await runWithDeath(folder, `${at}-${torn}`, at, torn);
        died = run.died;
        expect(run.outcome).toMatchObject({ kind: 'done', outcome: 'finish' });
        expect(new Set(run.world.commands).size).toBe(run.world.commands.length);
        expect(run.memory.nextStep).toBe(calm.memory.nextStep);
        expect(run.memory.conversation.map(({ role }) => role)).toEqual(
          calm.memory.conversation.map(({ role }) => role),
        );
      }
    }
    expect(at).toBeGreaterThan(10);
  });
});

test('A15 of two workers on one step the later one goes on and the earlier one writes nothing more', async () => {
  await withFolder(async (folder) => {
    const file = join(folder, 'agent.jsonl');
    const open = () => createJournal({ ...stateDeps(), clock: { now: () => NOW } }, file);
    const [first, second] = [open(), open()];
    const world = createWorld({
      model: saying(...LINES),
      command: async ({ command }) => {
        if (command === 'one') await second.lease(1, HOLDER);
        return {};
      },
    });
    const writer = await first.lease(1, HOLDER);
    if (writer === null) throw new Error('no lease');
    const memory = await createMemoryCache().read('agent', first);
    const signal = new AbortController().signal;
    await expect(runTurn(world.deps(), memory, writer, signal)).rejects.toBeInstanceOf(LeaseLost);
    expect(world.commands).toEqual(['one']);
    const last = (await second.entries()).at(-1);
    expect(last).toMatchObject({ type: 'lease', epoch: 2 });
  });
});
