import * as z from 'zod';
import { effort } from '../money/finance.ts';
import { agentTool } from './agent-tool.ts';

const customCheck = z.object({
  name: z.string().min(1),
  command: z.string().min(1),
  expectedExitCode: z.number().int().min(0).max(255).default(0),
});
export type CustomCheck = z.infer<typeof customCheck>;

const acceptanceCriteria = z.object({
  testsPass: z.boolean().default(false),
  lintPass: z.boolean().default(false),
  formatPass: z.boolean().default(false),
  customChecks: z.array(customCheck).default([]),
});
export type AcceptanceCriteria = z.infer<typeof acceptanceCriteria>;

export const personaConfig = z.object({
  templateName: z.string().min(1),
  templatePath: z.string().min(1),
  /** Its template is the file at this path, and not the one that its name finds. */
  fromPath: z.literal(true).optional(),
  acceptanceCriteria,
  /** Order of work: lower goes first. */
  priority: z.number().int(),
  /** A tier, or id or model of a provider, that does its work. Missing: whichever the project has. */
  model: z.string().min(1).optional(),
  /** Missing: as the provider says. */
  effort: effort.optional(),
  /** Those that its agent has. Missing: all. */
  tools: z.array(agentTool).optional(),
});
export type PersonaConfig = z.infer<typeof personaConfig>;

/** One that a caller hands in. */
export const givenPersona = z.strictObject(personaConfig.shape);
