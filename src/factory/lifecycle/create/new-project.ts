import * as z from 'zod';
import { type DarkFactoryError, usageError } from '../../../lib/failure.ts';
import { cap, milliseconds, placeAndProblem } from '../../../lib/schema.ts';
import { withoutMissing } from '../../../lib/without-missing.ts';
import type { NewSealed } from '../../gates/run/sealed.ts';
import { givenPersona, type PersonaConfig } from '../../model/personas/persona-config.ts';
import { type GateCommands, gateCommands, type ProjectOrigin } from '../../model/project.ts';
import type { ReviewOrder } from '../../model/review.ts';
import { priority } from '../../model/turn.ts';
import type { NewSealWith } from '../../sealing/order.ts';

/** What `df init` asks for. */
export interface NewProject {
  /** For whoever must find it again after a crash. Missing: a new one. A project that has it already: `failed`/`project_exists`. */
  id?: string;
  name: string;
  description: string;
  /** Any folder inside the owner's repository. */
  repository: string;
  /** Missing: the branch that is checked out, or the commit when HEAD is detached. */
  base?: string;
  /** The specification's name of `base`. */
  baseBranch?: string;
  /** Names, in order of work, or whole personas, with priorities of their own. Missing: `defaultPersonas` of config.yaml. */
  personas?: readonly (string | PersonaConfig)[];
  /** Milliseconds. */
  maxRuntime?: number;
  /** USD. */
  budget?: number;
  commands?: GateCommands;
  /** `null`: no set-up. Missing: found from the lock file. */
  setup?: string | null;
  /** Tier, or id or model of a provider, that its personas are kept to. */
  model?: string;
  /** 1 to 5; 1 goes first. Missing: 3. */
  priority?: number;
  /** Ids of projects that must be completed before it begins. */
  after?: readonly string[];
  /** Id of a project on whose branch it stands: it begins when that is completed, at its proved commit. Not together with `base`. */
  on?: string;
  /** Acceptance tests that no agent sees. */
  sealed?: NewSealed;
  /** A persona that writes them before the work begins. Not together with `sealed`. */
  sealWith?: NewSealWith;
  /** What makes it, where it is not its owner. */
  origin?: ProjectOrigin | undefined;
  /** It reviews a change and makes none; `repository` is a copy of the two commits. */
  review?: ReviewOrder;
  /** The persona that is tried with it. */
  trialOf?: string;
}

/** What must hold whoever asks; texts are judged below, and what is sealed by its own rules. */
const fields = z.strictObject({
  id: z.uuid().optional(),
  name: z.string(),
  description: z.string(),
  repository: z.string().min(1),
  base: z.string().min(1).optional(),
  baseBranch: z.string().min(1).optional(),
  personas: z
    .array(z.union([z.string(), givenPersona]))
    .readonly()
    .optional(),
  maxRuntime: milliseconds.optional(),
  budget: cap.optional(),
  commands: z.strictObject(gateCommands.shape).optional(),
  setup: z.string().min(1).nullable().optional(),
  trialOf: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  priority: priority.optional(),
  after: z.array(z.uuid()).readonly().optional(),
  on: z.uuid().optional(),
  sealed: z.unknown().optional(),
  sealWith: z.unknown().optional(),
  origin: z.unknown().optional(),
  review: z.unknown().optional(),
});

const MAX_NAME = 200;
/** Characters; about 50,000 tokens, which every turn would carry. */
const MAX_DESCRIPTION = 200_000;

/**
 * The same with its texts trimmed, and one name for each thing.
 *
 * Throws `usage`: `project_invalid`, `name_empty`, `description_empty` and others of the kind.
 */
export function checkedInput({ baseBranch, ...input }: NewProject): Omit<NewProject, 'baseBranch'> {
  const parsed = fields.safeParse({ ...input, baseBranch });
  if (!parsed.success) throw notUsable(parsed.error);
  const base = input.base ?? baseBranch;
  if (baseBranch !== undefined && base !== baseBranch)
    throw usageError('project_invalid', 'base and baseBranch name two branches', 'Leave one of them out.');
  const { personas } = parsed.data;
  return { ...input, ...checkedTexts(input), ...withoutMissing({ base, personas }) };
}

function notUsable({ issues: [issue] }: z.ZodError): DarkFactoryError {
  return usageError(
    'project_invalid',
    `A project cannot be made of this: ${placeAndProblem(issue, 'is not known')}`,
    'budget is in USD, maxRuntime in whole milliseconds, priority 1 to 5, after and on are ids; see NewProject.',
  );
}

function checkedTexts(input: Pick<NewProject, 'name' | 'description'>): {
  name: string;
  description: string;
} {
  const name = input.name.trim();
  const description = input.description.trim();
  const refuse = (code: string, message: string, hint: string) => {
    throw usageError(code, message, hint);
  };
  if (name === '')
    refuse('name_empty', 'The project name is empty', 'Give a short name, for example "add-login".');
  if (name.length > MAX_NAME) {
    refuse(
      'name_too_long',
      `The project name has ${name.length} characters`,
      `Give one of at most ${MAX_NAME}; the task itself belongs into --description.`,
    );
  }
  if (/\p{Cc}/u.test(name)) {
    refuse(
      'name_invalid',
      'The project name holds a line break or another control character',
      'Give a name of one line.',
    );
  }
  if (description === '') {
    refuse(
      'description_empty',
      'The description is empty',
      'Say what is to be done: --description "…" or --description @file.',
    );
  }
  if (description.length > MAX_DESCRIPTION) {
    refuse(
      'description_too_long',
      `The description has ${description.length} characters`,
      `Give at most ${MAX_DESCRIPTION}, and put the details into a file of the repository that it names.`,
    );
  }
  return { name, description };
}
