import * as z from 'zod';
import { agentIdOf } from '../factory/model/agent-id.ts';

const named = z.object({
  projectId: z.string(),
  persona: z.string().optional(),
  step: z.number().optional(),
});

/** Whom a job is about, as every line of the log about it says. Nothing for one that is about no project. */
export function logFields(payload: unknown): Record<string, unknown> {
  const parsed = named.safeParse(payload);
  if (!parsed.success) return {};
  const { projectId, persona, step } = parsed.data;
  return {
    projectId,
    ...(persona === undefined ? {} : { agentId: agentIdOf(projectId, persona) }),
    ...(step === undefined ? {} : { step }),
  };
}
