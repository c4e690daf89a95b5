import * as z from 'zod';

/** One line of events.jsonl, the audit log: what was done, by whom, to what. */
export const factoryEvent = z.object({
  timestamp: z.iso.datetime(),
  projectId: z.string(),
  /** `project.started`, `step.done`, `tool.ran`, `gate.failed`, `provider.switched`, … */
  type: z.string().regex(/^[a-z_]+(\.[a-z_]+)+$/),
  level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  persona: z.string().optional(),
  /** Project and persona: together they are one agent everywhere. */
  agentId: z.string().optional(),
  step: z.number().int().optional(),
  taskId: z.string().optional(),
  /** One sentence for people. */
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
});
export type FactoryEvent = z.infer<typeof factoryEvent>;
