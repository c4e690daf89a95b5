import { isAbsolute } from 'node:path';
import * as z from 'zod';
import { duration } from './settings.ts';

/** Of a user who is gone a forge says this name; anybody could be behind it. */
const NOBODY = 'ghost';

const intakeSource = z.object({
  forge: z.string().min(1).describe('Id of a forge (`df forge list`)'),
  label: z.string().trim().min(1).max(100).describe('Issues that carry it'),
  authors: z
    .array(
      z
        .string()
        .trim()
        .min(1)
        .refine((name) => name.toLowerCase() !== NOBODY, 'is what a forge calls users who are gone'),
    )
    .min(1)
    .describe('Whose issues, or whose label on them, count'),
  repo: z
    .string()
    .refine((path) => isAbsolute(path), 'is no absolute path')
    .describe('Folder of the repository on this machine'),
  persona: z
    .union([
      z
        .string()
        .min(1)
        .transform((text) => text.split(',').map((name) => name.trim())),
      z.array(z.string().min(1)).min(1),
    ])
    .optional()
    .describe('As `df init --persona`'),
  budget: z.number().positive().finite().default(5).describe('US dollars for each of its projects'),
  interval: duration('1m', 'How often the forge is asked'),
});
export type IntakeSource = z.infer<typeof intakeSource>;

/** Where issues become projects. */
export const intakeSettings = z
  .array(intakeSource)
  .max(50)
  .default([])
  .superRefine((sources, context) => {
    const seen = new Set<string>();
    for (const [index, { forge, label }] of sources.entries()) {
      const key = `${forge}\0${label.toLowerCase()}`;
      if (seen.has(key))
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `names ${forge} and ${label} a second time`,
        });
      seen.add(key);
    }
  })
  .meta({
    description:
      'Issues that become projects: they carry the label, and somebody of `authors` wrote them or put it on. Their text says what is wanted and decides nothing else. `persona`, `budget` (US dollars for each project, default 5) and `interval` (`1m`) may be left out',
    examples: [[{ forge: 'shop', label: 'factory', authors: ['ann'], repo: '/home/ann/shop', budget: 3 }]],
  });
