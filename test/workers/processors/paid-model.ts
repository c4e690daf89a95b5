import type { AssistantMessage } from '../../../src/factory/model/message.ts';
import type { PaidCall, PaidOutcome } from '../../../src/factory/ports.ts';

/** What the model answers: text, calls with their arguments, or how the call ended instead. */
export type Answer = string | [name: string, args: object][] | Exclude<PaidOutcome, { kind: 'reply' }>;

/** The finance manager in front of a model that answers at once, for 0.25 USD. */
export function createPaidModel(answerTo: (call: PaidCall) => Answer) {
  const asked: PaidCall[] = [];
  const booked: string[] = [];
  const finance = {
    async complete(call: PaidCall): Promise<PaidOutcome> {
      asked.push(call);
      const answer = answerTo(call);
      if (typeof answer === 'object' && !Array.isArray(answer)) return answer;
      const about = { requestId: `r${asked.length}`, provider: 'judge', model: 'm' };
      await call.opened({ ...about, operation: call.operation, reserved: 1 });
      const usage = { input: 1, cacheWrite: 0, cacheRead: 0, output: 1 };
      const message = messageOf(answer, about.requestId);
      const stop = typeof answer === 'string' ? ('end' as const) : ('tool_calls' as const);
      await call.replied({ ...about, message, usage, cost: 0.25, stop, limit: 1_000 });
      return {
        kind: 'reply',
        reply: { ok: true, message, usage, stop },
        provider: {} as never,
        cost: 0.25,
        requestId: about.requestId,
      };
    },
    bookLost: async (_id: string, { requestId }: { requestId: string }) =>
      void booked.push(`lost ${requestId}`),
    bookReply: async (_id: string, { requestId }: { requestId: string }) => void booked.push(requestId),
    probeSchedule: async () => [{ providerId: 'main', delay: 5 }],
    wakeUps: async (waiting: { projectId: string }[]) =>
      waiting.map(({ projectId }) => ({ projectId, delay: 0 })),
    noteProbe: async () => {},
    squeezed: async () => {},
  };
  return { finance, asked, booked };
}

function messageOf(answer: string | [name: string, args: object][], id: string): AssistantMessage {
  if (typeof answer === 'string') return { role: 'assistant', parts: [{ type: 'text', text: answer }] };
  const parts = answer.map(([name, args], index) => ({
    ...{ type: 'tool_call' as const, id: `${id}-${index}`, name },
    arguments: JSON.stringify(args),
  }));
  return { role: 'assistant', parts };
}
