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
 * Whatever is accepted must still parse within the limits and fit its schema.
 */
import { createHash } from 'node:crypto';
import { DOCUMENT_LIMITS, PEOPLE_LIMITS, parseYaml, stringifyYaml } from './yaml.ts';

export const FIRST_LINE = '# dark-factory state. Its last line proves that the file is whole.\n';
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
export function decodeDocument(data: Buffer, edited: EditedBy): DecodeOutcome {
  const text = data.toString('utf8');
  const problem = findDamage(text, edited);
  if (problem !== null) return { ok: false, problem, remedy: REMEDY };
  const parsed = parseYaml(text, edited === 'people' ? PEOPLE_LIMITS : DOCUMENT_LIMITS);
  if (parsed.ok) return parsed;
  return {
    ok: false,
    problem: parsed.problem,
    remedy: 'Correct the file by hand, or put a copy of it back.',
  };
}

const REMEDY =
  'Put a copy of it back. If you edited it yourself and it is complete, make its last line "# end edited".';

function findDamage(text: string, edited: EditedBy): string | null {
  const trimmed = text.trimEnd();
  const at = trimmed.lastIndexOf('\n') + 1;
  const mark = MARK.exec(trimmed.slice(at));
  if (mark === null) {
    if (edited === 'people' && !text.startsWith(FIRST_LINE.trimEnd())) return null;
    return 'the file is cut: its end mark is missing';
  }
  const expected = mark[1];
  if (expected === undefined || edited === 'people') return null;
  if (sha256(text.slice(0, at)) === expected) return null;
  return 'the file does not fit its end mark: it was damaged or edited';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Turns values into YAML text. Entries of a top-level list are kept as text by identity, so that a document of which one
 * entry changed is not formatted anew as a whole. Values must be frozen.
 */
export function createFormatter(): (value: object) => string {
  const known = new WeakMap<object, string>();
  const formatEntry = (entry: unknown): string => {
    if (typeof entry !== 'object' || entry === null) return stringifyYaml([entry]);
    const before = known.get(entry);
    if (before !== undefined) return before;
    const text = stringifyYaml([entry]);
    known.set(entry, text);
    return text;
  };
  return (value) => {
    let text = '';
    for (const [key, part] of Object.entries(value)) {
      if (part === undefined) continue;
      if (Array.isArray(part) && part.length > 0) {
        text += `${key}:\n${part.map(formatEntry).join('')}`;
      } else {
        text += stringifyYaml({ [key]: part });
      }
    }
    return text === '' ? '{}\n' : text;
  };
}
