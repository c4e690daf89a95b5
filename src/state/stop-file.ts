/** The emergency stop: a file in the home. It works with nothing but the disk, so also while Redis is down. */
import { readFileSync, statSync } from 'node:fs';
import { link } from 'node:fs/promises';
import * as z from 'zod';
import type { EmergencyStop, Halt } from '../factory/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { newUuid } from '../lib/ids.ts';
import { plainText } from '../lib/plain-text.ts';
import {
  asEnvironmentError,
  errorCode,
  isMissing,
  removeQuietly,
  syncFolder,
  writeNewFile,
} from './files.ts';
import type { Home } from './home.ts';

/** Of a reason that somebody put into the file by hand so much is shown. */
const LONGEST_REASON = 2_000;
/** A file made by hand may hold anything; a longer one is not read. */
const MAX_BYTES = 64 * 1024;

const content = z.object({ since: z.iso.datetime(), reason: z.string().min(1) });

/**
 * The file counts whatever stands in it: `touch STOP` halts the factory as well. When it cannot be told whether it is there
 * (no right to look, a broken disk), the factory is halted too.
 */
export function createEmergencyStop(
  home: Pick<Home, 'root' | 'stopFile' | 'prepare'>,
  clock: Clock,
): EmergencyStop {
  const file = home.stopFile;

  function look(): Halt | null {
    try {
      const found = statSync(file, { throwIfNoEntry: false });
      if (found === undefined) return null;
      return { file, ...read(file, found.isFile() && found.size <= MAX_BYTES, found.mtime) };
    } catch (error) {
      // Removed between the two looks.
      if (isMissing(error)) return null;
      return { file, since: null, reason: `${file} cannot be looked at (${errorCode(error)})` };
    }
  }

  return {
    look,
    async halt(reason) {
      const before = look();
      if (before !== null) return { halt: before, changed: false };
      await home.prepare();
      const since = clock.now();
      const aside = `${file}.${newUuid()}.tmp`;
      try {
        await removeQuietly(aside);
        await writeNewFile(aside, `${JSON.stringify({ since: since.toISOString(), reason })}\n`);
        // Whole or not at all, and the first reason stays.
        await link(aside, file);
        await syncFolder(home.root);
      } catch (error) {
        const other = look();
        if (errorCode(error) === 'EEXIST' && other !== null) return { halt: other, changed: false };
        throw asEnvironmentError(error, file);
      } finally {
        await removeQuietly(aside);
      }
      return { halt: { file, since, reason }, changed: true };
    },
    async release() {
      const before = look();
      try {
        await removeQuietly(file);
        if (before !== null) await syncFolder(home.root);
      } catch (error) {
        throw asEnvironmentError(error, file);
      }
      return before;
    },
  };
}

/** What stands in the file, in whatever form. */
function read(file: string, isReadable: boolean, modified: Date): Omit<Halt, 'file'> {
  const text = isReadable ? readFileSync(file, 'utf8').trim() : '';
  const parsed = content.safeParse(parseJson(text));
  if (parsed.success) return { since: new Date(parsed.data.since), reason: parsed.data.reason };
  const own = plainText(text).slice(0, LONGEST_REASON);
  return { since: modified, reason: own === '' ? 'The file STOP was made by hand.' : own };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
