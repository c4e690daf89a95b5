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
    const described = describe(event);
    if (described === null) return;
    if (described.level === 'warn') tell(described.message);
    const timestamp = deps.now().toISOString();
    deps.recordLater({ timestamp, projectId, persona, step, level: 'info', ...described });
  };
}

type Described = Happening & { message: string; level?: 'debug' | 'info' | 'warn' };

function describe(event: TurnEvent): Described | null {
  switch (event.type) {
    case 'request':
      return null;
    case 'reply':
      return {
        type: 'step.replied',
        message: brief(event.text, 200) || (event.calls === 1 ? '1 tool call' : `${event.calls} tool calls`),
        data: {
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
        data: { callId: event.call.id, output: brief(event.output, 500), isError: event.isError },
      };
    case 'compacted':
      return { type: 'step.compacted', message: `The conversation was summarised by the ${event.by}.` };
    case 'progress':
      return { type: `progress.${event.verdict}`, level: 'warn', message: event.reason };
  }
}
