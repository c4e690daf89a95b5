import { brief } from '../../../lib/text/text.ts';
import type { StepId } from '../../model/agent-id.ts';
import type { Happening, TimedEvent } from '../../model/event.ts';
import { callText } from '../tools/call-text.ts';
import type { TurnEvent } from './turn-types.ts';

export interface WatchDeps {
  recordLater(event: TimedEvent): void;
  now(): Date;
}

/**
 * Puts what happens in a turn into the audit log, in order. Nobody waits for it: the journal has it all.
 *
 * @param tell a line for whoever watches the job
 */
export function watchTurn(
  deps: WatchDeps,
  { projectId, persona, step }: StepId,
  tell: (line: string) => void,
): (event: TurnEvent) => void {
  return (event) => {
    const told = turnEvent({ projectId, persona, step }, event, deps.now().toISOString());
    if (told === null) return;
    if (told.level === 'warn') tell(told.message);
    deps.recordLater(told);
  };
}

/** As it stands in the audit log; `null`: it does not. */
export function turnEvent(at: StepId, event: TurnEvent, timestamp: string): TimedEvent | null {
  const described = describe(event);
  return described === null ? null : { timestamp, ...at, level: 'info', ...described };
}

type Described = Happening & { message: string; level?: 'debug' | 'info' | 'warn' };

function describe(event: TurnEvent): Described | null {
  switch (event.type) {
    case 'request':
      return null;
    case 'escalated':
      return {
        type: 'agent.escalated',
        level: 'warn',
        message: event.reason,
        data: { tier: event.tier, requestId: event.requestId },
      };
    case 'reply':
      return {
        type: 'step.replied',
        message: brief(event.text, 200) || (event.calls === 1 ? '1 tool call' : `${event.calls} tool calls`),
        data: {
          requestId: event.requestId,
          provider: event.provider,
          model: event.model,
          cost: event.cost,
          tokens: event.tokens,
          calls: event.calls,
        },
      };
    case 'tool_result':
      return {
        type: 'tool.ran',
        message: `${callText(event.call.name, event.call.arguments)} (${event.isError ? 'failed' : 'done'}${event.resumed ? ', resumed' : ''})`,
        // The whole arguments stand in the journal: a file that is written there is not to be written twice.
        data: {
          callId: event.call.id,
          call: event.index,
          output: brief(event.output, 500),
          isError: event.isError,
        },
      };
    case 'compacted':
      return { type: 'step.compacted', message: `The conversation was summarised by the ${event.by}.` };
    case 'progress':
      return { type: `progress.${event.verdict}`, level: 'warn', message: event.reason };
  }
}
