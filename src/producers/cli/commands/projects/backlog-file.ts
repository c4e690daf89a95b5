import path from 'node:path';
import type { Places } from '../../../../factory/backlog/enqueue.ts';
import { BACKLOG_LIMITS, parseBacklog } from '../../../../state/backlog-text.ts';
import { readSealedFolder } from '../../../../state/projects/sealed.ts';
import type { CommandContext } from '../../framework/context.ts';
import { readText } from '../../framework/text-input.ts';

/** A file of projects as an argument names it (`-`: stdin): what `backlog.plan` is asked with. */
export async function readBacklog(
  context: CommandContext,
  name: string,
): Promise<[text: ReturnType<typeof parseBacklog>, name: string, places: Places]> {
  const source = name === '-' ? '-' : `@${name}`;
  const text = await readText('The file of projects', source, context, BACKLOG_LIMITS.maxBytes);
  const shownName = name === '-' ? 'standard input' : name;
  return [parseBacklog(text, shownName), shownName, placesFor(context)];
}

/** Paths of a file are those of the folder that the command is given in, as paths of flags are. */
function placesFor(context: Pick<CommandContext, 'cwd' | 'stdin'>): Places {
  return {
    repository: (repo = '.') => path.resolve(context.cwd, repo),
    // A file may name files; what is typed is for the command line alone.
    readDescription: async (text) => (text.startsWith('@') ? readText('description', text, context) : text),
    readSealed: async (folder) => ({
      show: 'none',
      ...(await readSealedFolder(path.resolve(context.cwd, folder))),
    }),
  };
}
