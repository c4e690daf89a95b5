import * as z from 'zod';
import type { AcceptanceCriteria } from './project.ts';

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
});
export type PersonaFrontMatter = z.infer<typeof personaFrontMatter>;

/** A persona as the factory uses it. */
export interface PersonaTemplate {
  name: string;
  version: string;
  description: string;
  /** What must pass before the persona's work counts as done. */
  config: AcceptanceCriteria;
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
    body,
    path,
  };
}
