import { resolve } from 'node:path';
import type { BacklogText } from '../factory/backlog/backlog-file.ts';
import type { Places } from '../factory/backlog/enqueue.ts';
import { isFailure, usageError } from '../lib/failure.ts';
import { BACKLOG_LIMITS, parseBacklog } from './backlog-text.ts';
import { readTextFile } from './files/text-file.ts';
import { readSealedFolder } from './projects/sealed.ts';

/** Paths of a file of projects are those of the folder that the command is given in, as paths of flags are. */
export function placesIn(folder: string): Places {
  return {
    repository: (repo = '.') => resolve(folder, repo),
    // A file may name files; what is typed is for the command line alone.
    async readDescription(text) {
      if (text.startsWith('@@')) return text.slice(1);
      return text.startsWith('@') ? readTextFile('description', resolve(folder, text.slice(1))) : text;
    },
    readSealed: (sealed) => readSealedFolder(resolve(folder, sealed)),
  };
}

/** Throws `usage`: `text_unreadable`, `text_too_long`, `backlog_unreadable`. @param file absolute path @param name of the file, for messages */
export async function readBacklogFile(file: string, name = file): Promise<BacklogText> {
  try {
    return parseBacklog(await readTextFile('The file of projects', file, BACKLOG_LIMITS.maxBytes), name);
  } catch (error) {
    if (!isFailure(error, 'text_unreadable')) throw error;
    throw usageError(error.code, error.message, 'Put the file there again, or name another one.');
  }
}
