import * as z from 'zod';
import { clip } from '../../lib/text/text.ts';
import { unmeetable } from '../gates/run/exit-code.ts';
import { type ReadAnswer, readAnswer } from '../hearings/answer.ts';
import { repro, severity } from '../model/review.ts';

/** Findings of one finder that are run; what comes after them is kept, and rejected. */
export const MOST_FINDINGS = 10;
/** What comes after them is counted alone. */
const MOST_LISTED = 100;
const MOST_FILES = 5;
const MOST_FILE_BYTES = 64 * 1024;
/** Bytes that are kept of what is no finding. */
const SAID_LIMIT = 1_000;

const text = (most: number) => z.string().trim().min(1).max(most);

/** A plain path below the top of the repository, and none that belongs to git. */
const path = z
  .string()
  .min(1)
  .max(500)
  .refine(
    (given) =>
      !/[\\\p{Cc}]/u.test(given) &&
      given.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part !== '.git'),
    'it is no plain path below the top of the repository',
  );

const saidRepro = z.strictObject({
  ...repro.shape,
  command: text(8_000),
  exitCode: z
    .number()
    .int()
    .min(1)
    .max(255)
    .refine(
      (code) => unmeetable(code) === null,
      'a shell reports that for a command that did not run to its end',
    ),
  files: z
    .array(z.strictObject({ path, content: z.string().max(MOST_FILE_BYTES) }))
    .max(MOST_FILES)
    .optional(),
});

/** What a finder must say of one fault. Without a repro it is heard, but cannot be confirmed. */
const saidFinding = z.strictObject({
  /** In the second round: which of its findings it corrects. */
  id: z.string().max(100).optional(),
  file: path,
  line: z.number().int().positive(),
  severity,
  claim: text(2_000),
  harm: text(2_000),
  repro: saidRepro.nullish(),
});
export type SaidFinding = z.infer<typeof saidFinding>;

/** The form of the whole is all or nothing; of the findings in it each stands for itself. */
const answer = z.strictObject({ findings: z.array(z.unknown()) });

export type Said = { ok: true; finding: SaidFinding } | { ok: false; said: string; problem: string };

export function readFindings(words: string): ReadAnswer<Said[]> {
  const read = readAnswer(answer, words);
  if (!read.ok) return read;
  const { findings } = read.value;
  const said = findings.slice(0, MOST_LISTED).map(readOne);
  const more = findings.length - said.length;
  const rest: Said = { ok: false, said: `${more} more`, problem: `only the first ${MOST_LISTED} are listed` };
  return { ok: true, value: more > 0 ? [...said, rest] : said };
}

function readOne(value: unknown): Said {
  const parsed = saidFinding.safeParse(value);
  if (parsed.success) return { ok: true, finding: parsed.data };
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') ?? '';
  const problem = `${at === '' ? '' : `${at}: `}${issue?.message ?? 'it does not fit'}`;
  return { ok: false, said: clip(JSON.stringify(value) ?? 'nothing', SAID_LIMIT), problem };
}
