import type { Fault } from './faults.ts';
import type { Answer, Script, ToolOutcome, Turn } from './script.ts';

/** One step of a sequence: what the model says, or a function that says it. */
export type Step = Answer | Fault | Script;

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/**
 * Answers by the number of assistant messages in the conversation: the first step to a fresh conversation, the second
 * to one with one assistant message, and so on; the last step is repeated. It keeps no state, so a request that is sent
 * again (after a crash, by another worker, to another server) gets the same step. Audits, probes and summaries are
 * answered by themselves and count as no step. An answer with neither text nor calls does not move the sequence, since
 * such a message cannot stand in a vendor's history.
 */
export function sequence(steps: readonly Step[]): Script {
  return withHousekeeping((turn) => {
    const step = steps[Math.min(turn.assistantTurns, steps.length - 1)];
    if (step === undefined) return { text: 'Nothing to do.' };
    return typeof step === 'function' ? step(turn) : step;
  });
}

/** The first script whose words occur in the system text or in any message. Keyed by a project's name or description. */
export function byPrompt(
  scripts: readonly { match: string | RegExp; script: Script }[],
  otherwise: Script = () => ({ text: 'No script fits this prompt.' }),
): Script {
  return (turn) => {
    const text = promptText(turn);
    const found = scripts.find(({ match }) =>
      typeof match === 'string' ? text.includes(match) : new RegExp(match.source, match.flags).test(text),
    );
    return (found?.script ?? otherwise)(turn);
  };
}

/** Answers audits, probes and requests for a summary, and leaves the rest to `script`. */
export function withHousekeeping(script: Script, verdict: Partial<AuditVerdict> = {}): Script {
  return (turn) => {
    if (isAudit(turn)) return auditAnswer(verdict);
    if (isProbe(turn)) return { text: 'ok' };
    if (isCompaction(turn))
      return { text: 'Summary: the work so far is in the repository; see the task list.' };
    return script(turn);
  };
}

export interface AuditVerdict {
  complete: boolean;
  evidence: string;
  confidence: number;
}

export function auditAnswer(verdict: Partial<AuditVerdict> = {}): Answer {
  return {
    text: JSON.stringify({
      complete: true,
      evidence: 'The criteria pass and the code does what the task says.',
      confidence: 0.95,
      ...verdict,
    }),
  };
}

/** The specification's audit prompt (§3.3) stands in the newest user message. */
export const isAudit = (turn: Turn): boolean =>
  turn.lastUser.includes('You are auditing task completion status');

/** A tiny request without history; the factory's own has the tools of the work, others have none. */
export const isProbe = (turn: Turn): boolean =>
  (turn.tools.length === 0 || turn.lastUser.startsWith('Reply with')) &&
  turn.conversation.length === 1 &&
  turn.lastUser.length <= 200 &&
  /\b(ping|ok|probe)\b/i.test(turn.lastUser);

/** A request for a summary of a long conversation: its newest message asks for one, with tools offered or without. */
const isCompaction = (turn: Turn): boolean =>
  turn.conversation.at(-1)?.role === 'user' &&
  /about to be replaced by a summary|summari[sz]e (this|the|your) conversation/i.test(turn.lastUser);

/** All results of a tool (of any tool without a name) in the conversation, oldest first. */
export function results(turn: Turn, name?: string): ToolOutcome[] {
  return turn.conversation
    .filter((message) => message.role === 'tool' && (name === undefined || message.name === name))
    .map((message) => ({
      callId: message.callId ?? '',
      name: message.name ?? '',
      output: message.text,
      isError: message.isError ?? false,
    }));
}

/** Ids of the tasks that `add_tasks` made, in order, each once. */
export function taskIds(turn: Turn): string[] {
  return uuids(results(turn, 'add_tasks').map((result) => result.output));
}

/** UUIDs in texts, in order, each once. */
function uuids(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => text.match(UUID) ?? []))];
}

/** The whole text that the model was given. */
export function promptText(turn: Turn): string {
  return [turn.system, ...turn.conversation.map((message) => message.text)].join('\n');
}

/** A tool call as an answer: `call('bash', { command: 'npm test' })`. */
export function call(name: string, args: Record<string, unknown> | string = {}): Answer {
  return { toolCalls: [{ name, arguments: args }] };
}

/** Several tool calls in one answer. */
export function calls(...each: [name: string, args: Record<string, unknown> | string][]): Answer {
  return { toolCalls: each.map(([name, args]) => ({ name, arguments: args })) };
}
