import { brief } from '../factory/agent/text.ts';
import type { TurnEvent } from '../factory/agent/turn.ts';
import type { JobContext } from './processor.ts';

/**
 * Puts what happens in a turn into the audit log. Events of one turn are written in order; a failure to write one is
 * logged and never stops the work.
 */
export function watchTurn(
  { services, log }: JobContext,
  projectId: string,
  persona: string,
  step: number,
): (event: TurnEvent) => void {
  let last = Promise.resolve();
  return (event) => {
    const described = describe(event);
    if (described === null) return;
    const { type, message, data, level = 'info' } = described;
    if (level !== 'debug') log(message);
    last = last
      .then(() =>
        services.record({ projectId, type, level, persona, step, message, ...(data ? { data } : {}) }),
      )
      .catch((error: unknown) => services.log.warn({ projectId, err: error }, 'event lost'));
  };
}

interface Described {
  type: string;
  message: string;
  level?: 'debug' | 'info' | 'warn';
  data?: Record<string, unknown>;
}

function describe(event: TurnEvent): Described | null {
  switch (event.type) {
    case 'request':
      return null;
    case 'reply':
      return {
        type: 'step.replied',
        message: brief(event.text, 200) || `${event.calls} tool calls`,
        data: {
          provider: event.provider,
          model: event.model,
          cost: event.cost,
          tokens: event.tokens,
          calls: event.calls,
        },
      };
    case 'tool_started':
      return null;
    case 'tool_result':
      return {
        type: 'tool.ran',
        message: `${event.name}: ${event.isError ? 'failed' : 'done'}${event.resumed ? ' (resumed)' : ''}`,
        data: { output: brief(event.output, 500), isError: event.isError },
      };
    case 'compacted':
      return { type: 'step.compacted', message: `The conversation was summarised by the ${event.by}.` };
    case 'progress':
      return { type: `progress.${event.verdict}`, level: 'warn', message: event.reason };
  }
}
