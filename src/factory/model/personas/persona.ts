import * as z from 'zod';
import { type Effort, effort } from '../money/finance.ts';
import { type AgentTool, agentTool } from './agent-tool.ts';
import type { AcceptanceCriteria } from './persona-config.ts';

/** Also a file name and part of one, so nothing in it may mean a path. */
export const PERSONA_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

const customCheck = z.strictObject({
  name: z.string().min(1).max(500),
  command: z.string().min(1).max(20_000),
  expected_exit_code: z.number().int().min(0).max(255).default(0),
});

const acceptanceCriteria = z.strictObject({
  tests_pass: z.boolean().default(false),
  lint_pass: z.boolean().default(false),
  format_pass: z.boolean().default(false),
  custom_checks: z.array(customCheck).max(50).default([]),
});

const nameOfTool = z.enum(agentTool.options, {
  error: ({ input }) =>
    `there is no tool ${String(JSON.stringify(input)).slice(0, 100)}; there are ${agentTool.options.join(', ')}`,
});

/**
 * The front matter of a persona template: the specification's §4.2. Unknown keys are refused, because a misspelt
 * `tests_pass` would be a gate that checks nothing.
 */
export const personaFrontMatter = z.strictObject({
  name: z.string().regex(PERSONA_NAME, 'letters, digits, dash and underscore, at most 64'),
  /** `1.0` without quotes is a number in YAML; a text is meant. */
  version: z
    .union([z.string().min(1).max(100), z.number()])
    .default('0.0.0')
    .transform(String),
  description: z.string().max(2_000).default(''),
  acceptance_criteria: acceptanceCriteria.prefault({}),
  /** A tier's name, or a provider's id. */
  model: z.string().trim().min(1).max(200).optional(),
  effort: effort.extract(['low', 'medium', 'high']).optional(),
  tools: z.array(nameOfTool).min(1).max(100).optional(),
});
export type PersonaFrontMatter = z.infer<typeof personaFrontMatter>;

/** A persona as the factory uses it. */
export interface PersonaTemplate {
  name: string;
  version: string;
  description: string;
  /** What must pass before the persona's work counts as done. */
  config: AcceptanceCriteria;
  /** A tier, or a provider's id or model, that does its work. Missing: whichever the project has. */
  model?: string;
  /** How much a model thinks at its work. Missing: as the provider says. */
  effort?: Effort;
  /** Missing: all. */
  tools?: AgentTool[];
  /** The Markdown below the front matter: the persona's own words to the model. */
  body: string;
  /** The file it was read from, absolute. */
  path: string;
}

export function toPersonaTemplate(front: PersonaFrontMatter, body: string, path: string): PersonaTemplate {
  const criteria = front.acceptance_criteria;
  return {
    name: front.name,
    version: front.version,
    description: front.description,
    config: {
      testsPass: criteria.tests_pass,
      lintPass: criteria.lint_pass,
      formatPass: criteria.format_pass,
      customChecks: criteria.custom_checks.map((check) => ({
        name: check.name,
        command: check.command,
        expectedExitCode: check.expected_exit_code,
      })),
    },
    ...wishesOf(front),
    body,
    path,
  };
}

/** What a persona says of the models that work for it, as far as it says anything. */
export type Wishes = Pick<PersonaTemplate, 'model' | 'effort' | 'tools'>;

export function wishesOf({
  model,
  effort,
  tools,
}: { [Key in keyof Wishes]?: Wishes[Key] | undefined }): Wishes {
  return {
    ...(model === undefined ? {} : { model }),
    ...(effort === undefined ? {} : { effort }),
    ...(tools === undefined ? {} : { tools }),
  };
}
