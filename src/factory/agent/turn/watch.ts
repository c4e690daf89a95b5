import type { Log } from '../../../lib/log.ts';
import { brief } from '../../../lib/text/text.ts';
import { agentIdOf, type StepId } from '../../model/agent-id.ts';
import type { Happening, TimedEvent } from '../../model/event.ts';
import { callText } from '../tools/call-text.ts';
import type { TurnEvent } from './turn-types.ts';

/** Events of a turn that come within this time are one write to the audit log. */
const GATHER_MS = 250;

export interface WatchDeps {
  recordAll(projectId: string, events: readonly TimedEvent[]): Promise<void>;
  now(): Date;
  log: Pick<Log, 'warn'>;
}

/**
 * Puts what happens in a turn into the audit log, in order. Nobody waits for it: the journal has it all, so a failure to
 * write an event is logged and never stops the work.
 *
 * @param tell a line for whoever watches the job
 */
export function watchTurn(
  deps: WatchDeps,
  { projectId, persona, step }: StepId,
  tell: (line: string) => void,
): (event: TurnEvent) => void {
  let gathered: TimedEvent[] = [];
  const write = () => {
    const events = gathered;
    gathered = [];
    deps.recordAll(projectId, events).catch((error: unknown) => {
      deps.log.warn({ projectId, agentId: agentIdOf(projectId, persona), step, err: error }, 'events lost');
    });
  };
  return (event) => {
    const described = describe(event);
    if (described === null) return;
    if (described.level === 'warn') tell(described.message);
    if (gathered.length === 0) setTimeout(write, GATHER_MS);
    const timestamp = deps.now().toISOString();
    gathered.push({ timestamp, projectId, persona, step, level: 'info', ...described });
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
