import * as z from 'zod';
import { confidence } from '../../../lib/schema.ts';

/** Longest question or description. */
const PROSE = 10_000;
/** A label becomes part of a branch name and stands in tables. */
const LABEL = 200;

const optionArgs = z.object({
  label: z.string().trim().min(1).max(LABEL).describe('A short name, different from the other options’.'),
  description: z
    .string()
    .trim()
    .max(PROSE)
    .describe('What would be built, and what speaks for and against it.'),
  confidence: confidence.describe('How sure you are of this option, 0 to 1.'),
  estimated_effort: z.string().trim().min(1).max(100).describe('low, medium or high'),
});

export const decisionArgs = z
  .object({
    question: z.string().trim().min(1).max(PROSE),
    confidence: confidence.describe('How sure you are of the best option over all, 0 to 1.'),
    options: z.array(optionArgs).min(1).max(20),
  })
  .refine(
    (args) => new Set(args.options.map(({ label }) => label.toLowerCase())).size === args.options.length,
    {
      path: ['options'],
      message: 'two options have the same label; every label must be different',
    },
  );
