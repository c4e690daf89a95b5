import { remember } from '../../../src/factory/agent/memory/memory.ts';
import type { AgentMemory } from '../../../src/factory/agent/memory/memory-types.ts';
import type { ToolContext } from '../../../src/factory/agent/tools/tool.ts';
import { runTurn } from '../../../src/factory/agent/turn/turn.ts';
import type { TurnDeps, TurnEvent, TurnOutcome } from '../../../src/factory/agent/turn/turn-types.ts';
import type { JournalEntry, JournalRecord } from '../../../src/factory/model/journal.ts';
import type { ChatMessage } from '../../../src/factory/model/message.ts';
import type { CostEntry } from '../../../src/factory/model/money/finance.ts';
import {
  type CommandRequest,
  type CommandResult,
  type JournalWriter,
  LeaseLost,
  type PaidCall,
  type PaidOutcome,
} from '../../../src/factory/ports.ts';
import { type Line, messageOf, PROVIDER } from './scripted-lines.ts';
import { type Fakes, worldTools } from './world-tools.ts';

/** The process died: nothing that it still does counts. */
export class Crash extends Error {}

export interface WorldOptions {
  /** The answer, from the conversation that is sent. */
  model(messages: readonly ChatMessage[], call: PaidCall): Line;
  command?(request: CommandRequest): Partial<CommandResult> | Promise<Partial<CommandResult>>;
  mark?(world: World): string;
  limits?: Partial<TurnDeps['limits']>;
  notes?: TurnDeps['notes'];
  /** The process dies when so many records are on disk; the rest of the same write is lost. */
  crashAfter?: number;
}

/** A journal, a till, a sandbox and the callbacks, all in memory, that outlive the "process" using them. */
export interface World {
  readonly entries: JournalEntry[];
  /** Records of each write. */
  readonly writes: string[][];
  /** How often the manager was told that the conversation was made smaller. */
  squeezes: number;
  readonly requests: {
    id: string;
    operation: string;
    messages: readonly ChatMessage[];
    maxOutputTokens?: number;
  }[];
  readonly ledger: Map<string, Pick<CostEntry, 'cost' | 'possible' | 'operation'>>;
  readonly commands: string[];
  readonly files: Map<string, string>;
  /** Effects by key, with the number of times they were asked for. */
  readonly keyed: Map<string, number>;
  readonly events: TurnEvent[];
  crashAfter: number;
  /** With a crash goes all that was not forced to disk. */
  powerCut: boolean;
  notes: TurnDeps['notes'];
  memory(): AgentMemory;
  /** Takes the lease on the step that is next and runs a turn. */
  turn(signal?: AbortSignal): Promise<TurnOutcome>;
  /** @param instead what tools do, by their names */
  deps(change?: Partial<ToolContext>, instead?: Fakes): TurnDeps;
  lease(): { epoch: number; step: number };
  writer(lease: { epoch: number; step: number }): JournalWriter;
}

export const NOW = new Date('2026-01-02T03:04:05.000Z');

export function createWorld(options: WorldOptions): World {
  let requestCount = 0;
  let dead = false;
  const alive = () => {
    if (dead) throw new Crash('the process is gone');
  };

  let onDisk = 0;
  function write(records: readonly JournalEntry[]): void {
    alive();
    const room = world.crashAfter - world.entries.length;
    world.entries.push(...records.slice(0, Math.max(0, room)));
    world.writes.push(records.map(({ type }) => type));
    if (records.length > room) {
      dead = true;
      if (world.powerCut) world.entries.splice(onDisk);
      throw new Crash('cut off while writing');
    }
  }

  const newestEpoch = () => world.entries.findLast(({ type }) => type === 'lease')?.epoch ?? 0;

  const world: World = {
    entries: [],
    writes: [],
    squeezes: 0,
    requests: [],
    ledger: new Map(),
    commands: [],
    files: new Map(),
    keyed: new Map(),
    events: [],
    crashAfter: options.crashAfter ?? Number.POSITIVE_INFINITY,
    powerCut: false,
    notes: options.notes ?? [{ key: 'opening', text: 'Do the task.' }],
    memory: () => remember(world.entries),
    lease() {
      dead = false;
      const lease = { epoch: newestEpoch() + 1, step: world.memory().nextStep };
      const holder = { host: 'here', pid: 1, startedAt: '1' };
      write([{ type: 'lease', at: NOW.toISOString(), ...lease, holder }]);
      return lease;
    },
    writer({ epoch, step }) {
      const check = async () => {
        alive();
        if (newestEpoch() !== epoch) throw new LeaseLost('a newer lease');
        onDisk = world.entries.length;
      };
      const unforced = async (...records: JournalRecord[]) => {
        await Promise.resolve();
        alive();
        if (newestEpoch() !== epoch) throw new LeaseLost('a newer lease');
        write(records.map((record) => ({ at: NOW.toISOString(), epoch, step, ...record })));
      };
      const append = async (...records: JournalRecord[]) => {
        await unforced(...records);
        onDisk = world.entries.length;
      };
      return { epoch, step, append, write: unforced, check };
    },
    async turn(signal = new AbortController().signal) {
      const lease = world.lease();
      return runTurn(world.deps(), world.memory(), world.writer(lease), signal);
    },
    deps: (change = {}, instead = {}) => ({
      projectId: '00000000-0000-4000-8000-000000000001',
      persona: 'engineer',
      clock: { now: () => NOW },
      system: 'You are an engineer.',
      tools: tools(change, instead),
      limits: {
        contextTokens: 100_000,
        compactAt: 0.75,
        replyTokens: 1_000,
        idleTurns: 20,
        ...options.limits,
      },
      notes: world.notes,
      openWork: async () => 'Still open: everything.',
      wordForWord: async () => 'FACTS',
      workMark: async () => options.mark?.(world) ?? `${world.commands.length}/${[...world.files].join()}`,
      watch: (event) => world.events.push(event),
      finance: {
        complete,
        async bookLost(_project, { requestId, reserved, operation }) {
          alive();
          if (!world.ledger.has(requestId))
            world.ledger.set(requestId, { cost: reserved, possible: true, operation });
        },
        async bookReply(_project, { requestId, cost, operation }) {
          alive();
          if (!world.ledger.has(requestId)) world.ledger.set(requestId, { cost, possible: false, operation });
        },
        async squeezed() {
          alive();
          world.squeezes += 1;
        },
      },
    }),
  };

  const tools = worldTools({ world, command: options.command, alive });

  async function complete(call: PaidCall): Promise<PaidOutcome> {
    alive();
    if (call.signal.aborted) return { kind: 'aborted' };
    const line = options.model(call.request.messages, call);
    if (line.outcome !== undefined && line.outcome.kind !== 'aborted') return line.outcome;
    requestCount += 1;
    const requestId = `request-${requestCount}`;
    const head = { requestId, provider: PROVIDER.id, model: PROVIDER.model };
    await call.opened({ ...head, operation: call.operation, reserved: 1 });
    const { messages, maxOutputTokens } = call.request;
    world.requests.push({
      ...{ id: requestId, operation: call.operation, messages },
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    });
    if (line.outcome !== undefined) {
      await call.failed({ requestId, kind: 'aborted', detail: 'cut' });
      return line.outcome;
    }
    const message = messageOf(line, requestCount);
    const usage = { input: line.tokens ?? 0, cacheWrite: 0, cacheRead: 0, output: 0 };
    const stop = line.stop ?? (message.parts.some(({ type }) => type === 'tool_call') ? 'tool_calls' : 'end');
    const more = line.more === undefined ? {} : { more: line.more };
    await call.replied({ ...head, message, usage, cost: 0.25, stop, limit: 1_000, ...more });
    alive();
    world.ledger.set(requestId, { cost: 0.25, possible: false, operation: call.operation });
    return {
      kind: 'reply',
      reply: { ok: true, message, usage, stop },
      provider: PROVIDER,
      cost: 0.25,
      requestId,
    };
  }

  return world;
}

/** A model that says its lines one after the other, by the number of its replies in the conversation. */
export function saying(...lines: Line[]): WorldOptions['model'] {
  return (messages) => {
    const turn = messages.filter(({ role }) => role === 'assistant').length;
    return lines[turn] ?? { calls: [['finish', { summary: 'done' }]] };
  };
}

/** Turns until one ends other than `continue`. */
export async function runToEnd(world: World, most = 200): Promise<TurnOutcome> {
  for (let turns = 0; turns < most; turns += 1) {
    const outcome = await world.turn();
    if (outcome.kind !== 'done' || outcome.outcome !== 'continue') return outcome;
  }
  throw new Error(`no end after ${most} turns`);
}

/** Results of tools in the conversation, oldest first. */
export function results(world: World): string[] {
  return world.memory().conversation.flatMap((each) => (each.role === 'tool' ? [each.output] : []));
}

export function told(world: World): string[] {
  return world.memory().conversation.flatMap((each) => (each.role === 'user' ? [each.text] : []));
}
