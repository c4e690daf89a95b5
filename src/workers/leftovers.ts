import type { AgentMemory } from '../factory/agent/memory.ts';
import type { Services } from '../services.ts';

/**
 * Books what a killed worker could not: requests whose reply was lost in flight, and replies that stand in the journal but
 * perhaps not in the ledger. Each counts once, however often this is asked.
 */
export async function bookLeftovers(
  services: Services,
  projectId: string,
  persona: string,
  memory: AgentMemory,
): Promise<void> {
  if (memory.openRequests.length === 0 && memory.replies.length === 0) return;
  const finance = await services.finance();
  for (const { requestId, provider, model, operation, reserved, step } of memory.openRequests) {
    await finance.bookLost(projectId, { requestId, provider, model, operation, reserved, persona, step });
  }
  for (const reply of memory.replies) {
    const { input, cacheWrite, cacheRead, output } = reply.usage;
    await finance.bookReply(projectId, {
      timestamp: new Date(reply.at),
      provider: reply.provider,
      model: reply.model,
      tokensUsed: input + cacheWrite + cacheRead + output,
      cost: reply.cost,
      operation: reply.operation,
      requestId: reply.requestId,
      usage: reply.usage,
      persona,
      step: reply.step,
      possible: false,
    });
  }
}
