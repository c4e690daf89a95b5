/** Reads a patch for showing: nothing of it is ever made into HTML. */
import { parse } from 'diff2html';

export interface FileShown {
  path: string;
  added: number;
  removed: number;
  binary: boolean;
  lines: { kind: 'context' | 'insert' | 'delete' | 'hunk'; text: string; old?: number; fresh?: number }[];
}

export function readPatch(patch: string): FileShown[] {
  return parse(patch).map((file) => ({
    path: file.isDeleted ? file.oldName : file.newName,
    added: file.addedLines,
    removed: file.deletedLines,
    binary: file.isBinary === true,
    lines: file.blocks.flatMap((block) => [
      { kind: 'hunk' as const, text: block.header },
      ...block.lines.map((line) => ({
        kind: line.type,
        text: line.content.slice(1),
        ...(line.oldNumber === undefined ? {} : { old: line.oldNumber }),
        ...(line.newNumber === undefined ? {} : { fresh: line.newNumber }),
      })),
    ]),
  }));
}
