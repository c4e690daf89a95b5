/**
 * The text of a state document: a first line that says what it is, a YAML body, and an end mark with a hash over all before
 * it. YAML that is cut at a line end still parses, so without the mark half a task list would look like a short one.
 *
 * What is accepted:
 * - A document whose end mark fits: it is as the factory wrote it.
 * - `# end edited` as the last line, put there by a person who changed the file and vouches that it is complete. The next
 *   update writes a proper mark.
 * - For files that people edit (`edited: 'people'`): also a mark that does not fit (edited in place), and a file without
 *   first line and mark (written from scratch). With the first line but without any mark it was cut, and is refused.
 * Whatever is accepted must still parse within the limits and fit its schema. Comments are not kept by the next update.
 */
import { createHash } from 'node:crypto';
import type { Pieces } from './pieces.ts';
import { DOCUMENT_LIMITS, PEOPLE_LIMITS, parseYaml } from './yaml.ts';

const FIRST_LINE = '# dark-factory state. Its last line proves that the file is whole.\n';
const MARK = /^# end (?:sha256:([0-9a-f]{64})|edited)$/;
/** Bytes of the last line as the factory writes it. It differs whenever the content differs. */
export const MARK_BYTES = '# end sha256:'.length + 64 + 1;

export type EditedBy = 'factory' | 'people';

export type DecodeOutcome = { ok: true; value: unknown } | { ok: false; problem: string; remedy: string };

export function encodeDocument(body: string): Buffer {
  const before = `${FIRST_LINE}${body}${body.endsWith('\n') ? '' : '\n'}`;
  return Buffer.from(`${before}# end sha256:${sha256(before)}\n`);
}

/** Reads a document; never throws for what stands in it. */
export function decodeDocument(data: Buffer, edited: EditedBy, pieces?: Pieces): DecodeOutcome {
  const text = data.toString('utf8');
  const found = examine(text);
  if (!isAccepted(found, edited)) return { ok: false, problem: PROBLEMS[found], remedy: REMEDY };
  const value = found === 'whole' ? pieces?.parse(text.slice(FIRST_LINE.length, -MARK_BYTES)) : null;
  if (value) return { ok: true, value };
  const outcome = parseYaml(text, edited === 'people' ? PEOPLE_LIMITS : DOCUMENT_LIMITS);
  if (outcome.ok) return outcome;
  const remedy = 'Correct the file by hand, or put a copy of it back.';
  return { ok: false, problem: outcome.problem, remedy };
}

/** What first line and end mark tell. `vouched`: by a person. `foreign`: neither is there. */
type Finding = 'whole' | 'vouched' | 'changed' | 'cut' | 'foreign';

function isAccepted(found: Finding, edited: EditedBy): boolean {
  return found === 'whole' || found === 'vouched' || (edited === 'people' && found !== 'cut');
}

const PROBLEMS: Record<Finding, string> = {
  whole: '',
  vouched: '',
  changed: 'the file does not fit its end mark: it was damaged or edited',
  cut: 'the file is cut: its end mark is missing',
  foreign: 'the file is cut: its end mark is missing',
};

const REMEDY =
  'Put a copy of it back. If you edited it yourself and it is complete, make its last line "# end edited".';

function examine(text: string): Finding {
  const trimmed = text.trimEnd();
  const at = trimmed.lastIndexOf('\n') + 1;
  const mark = MARK.exec(trimmed.slice(at));
  if (mark === null) return text.startsWith(FIRST_LINE.trimEnd()) ? 'cut' : 'foreign';
  const expected = mark[1];
  if (expected === undefined) return 'vouched';
  const isWhole = text.startsWith(FIRST_LINE) && text.length - at === MARK_BYTES;
  return isWhole && sha256(text.slice(0, at)) === expected ? 'whole' : 'changed';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
