import path from 'node:path';
import type { Places } from '../../../../factory/backlog/enqueue.ts';
import { placesIn, readBacklogFile } from '../../../../state/backlog-places.ts';
import { BACKLOG_LIMITS, parseBacklog } from '../../../../state/backlog-text.ts';
import type { CommandContext } from '../../framework/context.ts';
import { readText } from '../../framework/text-input.ts';

/** A file of projects as an argument names it (`-`: stdin): what `backlog.plan` is asked with. */
export async function readBacklog(
  context: CommandContext,
  name: string,
): Promise<[text: ReturnType<typeof parseBacklog>, name: string, places: Places]> {
  const places = placesIn(context.cwd);
  if (name !== '-') return [await readBacklogFile(path.resolve(context.cwd, name), name), name, places];
  const text = await readText('The file of projects', '-', context, BACKLOG_LIMITS.maxBytes);
  return [parseBacklog(text, 'standard input'), 'standard input', places];
}
