import * as z from 'zod';
import { parseDuration } from '../../lib/duration.ts';
import { cap } from '../../lib/schema.ts';
import type { NewSealed } from '../gates/run/sealed.ts';
import type { NewProject } from '../lifecycle/create/new-project.ts';
import { priority } from '../model/turn.ts';
import { refuseWithoutSeals } from '../sealing/order.ts';

/** A shell command; `null` or `false`: none. */
const command = z
  .union([z.string().trim().min(1).max(20_000), z.literal(false), z.null()])
  .transform((value) => (value === false ? null : value))
  .optional();
/** A bare number below it was meant for hours, minutes or seconds. */
const SHORTEST_BARE_MS = 60_000;
/** Milliseconds, or a text as `--max-runtime` takes it. */
export const duration = z.union([
  z
    .number()
    .int()
    .min(SHORTEST_BARE_MS, {
      error: ({ input }) => `${input} would be milliseconds; write a number and its unit, such as 8h or 90m`,
    }),
  z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== null) return ms;
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(text)} is no duration such as 90m or 12h`,
    });
    return z.NEVER;
  }),
]);
const names = z.union([z.string().min(1), z.array(z.string().min(1))]).optional();

/** The flags of `df init`, as a document gives them; `--sealed` is left to documents that may name folders to be read. */
export const projectOrder = z.strictObject({
  name: z.string(),
  description: z.string(),
  /** A folder on the machine. */
  repo: z.string().min(1).optional(),
  base: z.string().min(1).optional(),
  persona: names,
  maxRuntime: duration.optional(),
  budget: cap.optional(),
  test: command,
  lint: command,
  format: command,
  setup: command,
  model: z.string().min(1).optional(),
  priority: priority.optional(),
  /** Names or ids. */
  after: names,
  /** Name or id. */
  on: z.string().min(1).optional(),
  /** A persona. */
  sealWith: z.string().min(1).optional(),
  sealedCommand: z.string().trim().min(1).max(20_000).optional(),
  sealedShow: z.enum(['names', 'none']).optional(),
});
export type ProjectOrder = z.infer<typeof projectOrder>;

/** Absolute folder, ids instead of names, and the files of the folder with sealed checks. */
interface OrderPlaces {
  repository: string;
  after?: readonly string[];
  on?: string | undefined;
  sealed?: Pick<NewSealed, 'folder' | 'files'> | undefined;
}

/** What they come to. Throws `usage`/`sealed_folder_missing`. */
export function orderedProject(
  order: ProjectOrder,
  { repository, after = [], on, sealed }: OrderPlaces,
): NewProject {
  const { name, description, base, persona, maxRuntime, budget, test, lint, format, setup, model } = order;
  const personas = listOf(persona);
  return {
    ...{ name, description, repository },
    commands: {
      ...(test === undefined ? {} : { test }),
      ...(lint === undefined ? {} : { lint }),
      ...(format === undefined ? {} : { format }),
    },
    ...(setup === undefined ? {} : { setup }),
    ...(base === undefined ? {} : { base }),
    ...(personas.length === 0 ? {} : { personas }),
    ...(maxRuntime === undefined ? {} : { maxRuntime }),
    ...(budget === undefined ? {} : { budget }),
    ...(model === undefined ? {} : { model }),
    ...(order.priority === undefined ? {} : { priority: order.priority }),
    ...(after.length === 0 ? {} : { after }),
    ...(on === undefined ? {} : { on }),
    ...sealsOf(order, sealed),
  };
}

function sealsOf(
  { sealWith, sealedCommand: command, sealedShow: show }: ProjectOrder,
  sealed: OrderPlaces['sealed'],
): Pick<NewProject, 'sealed' | 'sealWith'> {
  if (sealed === undefined && sealWith === undefined) {
    if (command !== undefined) refuseWithoutSeals('sealedCommand');
    if (show !== undefined) refuseWithoutSeals('sealedShow');
  }
  const how = { show: show ?? 'none', ...(command === undefined ? {} : { command }) };
  return {
    ...(sealed === undefined ? {} : { sealed: { ...sealed, ...how } }),
    ...(sealWith === undefined ? {} : { sealWith: { persona: sealWith, ...how } }),
  };
}

/** `a,b` and lists alike. */
export function listOf(names: string | readonly string[] | undefined): string[] {
  const all = typeof names === 'string' ? names.split(',') : (names ?? []);
  return all.map((name) => name.trim()).filter((name) => name !== '');
}
