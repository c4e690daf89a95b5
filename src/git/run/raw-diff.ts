import { splitNul } from './git.ts';

/** One path of a tree or an index. */
export interface Entry {
  mode: string;
  id: string;
}

/** Path, as latin1 text, to what each side has there. */
export type Changes = Map<string, { before: Entry | null; after: Entry | null }>;

/** Reads `--raw -z`: `:<mode> <mode> <id> <id> <letter>`, then the path. Of paths that come several times the last one counts. */
export function parseRaw(output: Buffer): Changes {
  return new Map([...rawRows(output)].map(({ path, ...change }) => [path, change]));
}

export interface RawRow {
  /** Bytes, carried as latin1 text. */
  path: string;
  before: Entry | null;
  after: Entry | null;
}

export function* rawRows(output: Buffer): Generator<RawRow> {
  const parts = splitNul(output, 'latin1');
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const row = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) /.exec(parts[index] ?? '');
    const [, oldMode = '', newMode = '', oldId = '', newId = ''] = row ?? [];
    yield {
      path: parts[index + 1] ?? '',
      before: oldMode === '000000' ? null : { mode: oldMode, id: oldId },
      after: newMode === '000000' ? null : { mode: newMode, id: newId },
    };
  }
}
