import { parseObject } from '../../../lib/record.ts';
import type { AgentState, AgentStatus } from '../../model/agent.ts';
import type { StepId } from '../../model/agent-id.ts';
import type { JournalEntry } from '../../model/journal.ts';
import type { StateStore } from '../../ports.ts';

type Done = Extract<JournalEntry, { type: 'step_done' }>;

const STATUS_AFTER: Record<Done['outcome'], AgentStatus> = {
  continue: 'thinking',
  interrupted: 'thinking',
  finish: 'waiting_for_quality',
  passed: 'completed',
  blocked: 'blocked',
  fork: 'blocked',
};

/** It would be given up, but that its owner is to be heard first, and nothing was said to it since. */
export function isHeldBack(entries: readonly JournalEntry[]): boolean {
  const last = entries.findLast(({ type }) => type === 'step_done' || type === 'note');
  return last?.type === 'step_done' && last.outcome === 'continue' && last.progress === 'blocked';
}

/** What an agent's state is after the last step of its journal. @returns the same object when it is there already */
export function stateAfter(agent: AgentState, entries: readonly JournalEntry[]): AgentState {
  const done = entries.findLast((entry): entry is Done => entry.type === 'step_done');
  if (done === undefined || done.step < agent.nextStep) return agent;
  const { blockedReason: _reason, redGates: _red, ...rest } = agent;
  const redGates = redGatesIn(entries, agent.redGatesAfter ?? 0);
  return {
    ...rest,
    nextStep: done.step + 1,
    epoch: done.epoch,
    status: STATUS_AFTER[done.outcome],
    gateRound: entries.filter(isGateNote).length,
    ...(isAskedFor(entries, done) ? { roundsBefore: (agent.roundsBefore ?? 0) + 1 } : {}),
    ...(redGates === 0 ? {} : { redGates }),
    ...(done.outcome === 'blocked' ? { blockedReason: done.reason ?? 'It could make no progress.' } : {}),
  };
}

/** @param after rounds that do not count */
function redGatesIn(entries: readonly JournalEntry[], after: number): number {
  let round = 0;
  let red = 0;
  for (const entry of entries) {
    if (isGateNote(entry)) round += 1;
    if (entry.type !== 'step_done' || entry.gate === undefined) continue;
    red = entry.gate === 'passed' || round <= after ? 0 : red + 1;
  }
  return red;
}

/** A key that begins so is of a note which asks for the gate of an agent that was done, for others have moved the branch since. */
export const LAST_GATE = 'last-gate-';

/** Its gate runs for what others did: that round is not held against it. */
function isAskedFor(entries: readonly JournalEntry[], done: Done): boolean {
  const before = entries[entries.lastIndexOf(done) - 1];
  return before?.type === 'note' && before.key.startsWith(LAST_GATE);
}

const isGateNote = (entry: JournalEntry): boolean => entry.type === 'note' && entry.key.startsWith('gate-');

/**
 * Brings an agent's state up to its journal, which decides: the only place where a step changes it, after the step and after a
 * crash between the two.
 *
 * @returns whether it was behind
 */
export async function followJournal(
  state: Pick<StateStore, 'agent' | 'journal'>,
  { projectId, persona }: Pick<StepId, 'projectId' | 'persona'>,
  change: (agent: AgentState) => AgentState = (agent) => agent,
): Promise<boolean> {
  const entries = await state.journal(projectId, persona).entries();
  let behind = false;
  await state.agent(projectId, persona).update((agent) => {
    const after = stateAfter(agent, entries);
    behind = after !== agent;
    return change(after);
  });
  return behind;
}

/**
 * Saves the step that this worker ended in the journal; at leisure where the agent is at work as before, for then the journal can
 * tell all of it again.
 *
 * @param ms that it took
 */
export async function saveStep(
  { state, now }: { state: Pick<StateStore, 'agent' | 'journal'>; now(): Date },
  { projectId, persona }: Pick<StepId, 'projectId' | 'persona'>,
  ms = 0,
): Promise<void> {
  const time = now();
  const entries = await state.journal(projectId, persona).entries();
  const saved = (agent: AgentState): AgentState => ({
    ...stateAfter(agent, entries),
    startedAt: agent.startedAt ?? time,
    lastActivityAt: time,
    runtimeMs: agent.runtimeMs + ms,
  });
  const document = state.agent(projectId, persona);
  const before = await document.get();
  if (isAtWork(before) && isAtWork(saved(before))) await document.later(saved);
  else await document.update(saved);
}

/** It takes turns, one after the other. */
export const isAtWork = ({ status }: AgentState): boolean => status === 'thinking' || status === 'executing';

/** An agent whose turn was cut short after so many milliseconds: whatever was being executed is not any more. */
export function atRest(agent: AgentState, ms: number): AgentState {
  if (ms <= 0 && agent.status !== 'executing') return agent;
  const status = agent.status === 'executing' ? 'thinking' : agent.status;
  return { ...agent, status, runtimeMs: agent.runtimeMs + ms };
}

/** What the agent said at its end: the summary of its newest `finish`. */
export function lastSummary(entries: readonly JournalEntry[]): string | null {
  for (const entry of [...entries].reverse()) {
    if (entry.type !== 'reply') continue;
    for (const part of entry.message.parts) {
      if (part.type !== 'tool_call' || part.name !== 'finish') continue;
      const summary = readSummary(part.arguments);
      if (summary !== null) return summary;
    }
  }
  return null;
}

/** Malformed arguments were answered with an error when the call was made. */
function readSummary(text: string): string | null {
  const summary = parseObject(text)?.['summary'];
  return typeof summary === 'string' ? summary : null;
}
