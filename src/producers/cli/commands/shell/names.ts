import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { SUBJECTS, type Subject, subjectsNow } from '../../framework/subjects.ts';
import { jsonText, shortId } from '../../render/output.ts';

/** What the completion of a shell asks at every press of the key: one name a line. It must not be in the way when it fails. */
export async function run(
  context: CommandContext,
  { args: [subject, word = ''] }: Invocation,
): Promise<number> {
  if (!isSubject(subject)) return 0;
  const found = await subjectsNow(await context.services(), subject, context).catch(() => []);
  // A project has two names, of which the shorter id is asked for only by whoever began it.
  const names = found.flatMap(({ value, label }) =>
    label === undefined ? [value] : [label, shortId(value)],
  );
  const begun = [...new Set(names)].filter((name) => name.startsWith(word) && !/[\r\n]/.test(name));
  const shown =
    subject === 'project' && word === '' ? begun.filter((name) => !isShortId(found, name)) : begun;
  if (context.json) context.out.raw(jsonText(shown));
  else for (const name of shown) context.out.line(name);
  return 0;
}

const isSubject = (word = ''): word is Subject => SUBJECTS.some((each) => each === word);

const isShortId = (found: readonly { value: string }[], name: string) =>
  found.some(({ value }) => shortId(value) === name);
