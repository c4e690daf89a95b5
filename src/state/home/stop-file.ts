/** The emergency stop: a file in the home. It works with nothing but the disk, so also while Redis is down. */

import { lstatSync, readFileSync } from 'node:fs';
import { rename, symlink } from 'node:fs/promises';
import * as z from 'zod';
import type { EmergencyStop, Halt } from '../../factory/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import { errorCode, isMissing } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { newUuid } from '../../lib/ids.ts';
import { parseJson } from '../../lib/record.ts';
import { plainText } from '../../lib/text/plain-text.ts';
import { addFile, asEnvironmentError, makeFolder, removeQuietly, syncFolder } from '../files/files.ts';
import { createHome, type Home } from './home.ts';

/** That of a home whose settings cannot be read: it lies in the same place whatever they say. */
export function bareEmergencyStop(root: string, clock: Clock): EmergencyStop {
  const { stopFile, spareStopFile } = createHome(root, {});
  const prepare = async () => {
    await makeFolder(root);
  };
  return createEmergencyStop({ root, stopFile, spareStopFile, prepare }, clock);
}

/** Of a reason that somebody put into the file by hand so much is shown. */
const LONGEST_REASON = 2_000;
/** Made by hand, or where there was no room for a reason. */
const NO_REASON = 'The file STOP was made by hand, or without room for a reason.';
/** A file made by hand may hold anything; a longer one is not read. */
const MAX_BYTES = 64 * 1024;

const content = z.object({ since: z.iso.datetime(), reason: z.string().min(1) });

/**
 * The file counts whatever stands in it: `touch STOP` halts the factory as well. When it cannot be told whether it is there
 * (no right to look, a broken disk), the factory is halted too.
 */
export function createEmergencyStop(
  home: Pick<Home, 'root' | 'stopFile' | 'spareStopFile' | 'prepare'>,
  clock: Clock,
): EmergencyStop {
  const file = home.stopFile;

  function look(): Halt | null {
    try {
      const found = lstatSync(file, { throwIfNoEntry: false });
      if (found === undefined) return null;
      return { file, ...read(file, found.isFile() && found.size <= MAX_BYTES, found.mtime) };
    } catch (error) {
      // Removed between the two looks.
      if (isMissing(error)) return null;
      return { file, since: null, reason: `${file} cannot be looked at (${errorCode(error)})` };
    }
  }

  const halt: EmergencyStop['halt'] = async (reason) => {
    const before = look();
    if (before !== null) return { halt: before, changed: false };
    const since = clock.now();
    const text = `${JSON.stringify({ since: since.toISOString(), reason })}\n`;
    try {
      await home.prepare();
      // Whole or not at all, and the first reason stays.
      if (!(await addFile(file, text, `${file}.${newUuid()}.tmp`))) return halt(reason);
    } catch (error) {
      if (await haltWithoutRoom(home)) return { halt: look() ?? { file, since, reason }, changed: true };
      throw cannotHalt(asEnvironmentError(error, file), file);
    }
    return { halt: { file, since, reason }, changed: true };
  };

  return {
    look,
    halt,
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

/** Where no name can be given the programs themselves are what is left. */
function cannotHalt(error: unknown, file: string): unknown {
  if (!(error instanceof DarkFactoryError)) return error;
  const hint = `End the programs themselves: Ctrl-C where df up runs, or kill -TERM of each "df worker"; ${file} could not be made.`;
  return new DarkFactoryError(error.kind, error.code, error.message, hint, { cause: error });
}

/**
 * With not a byte and not an inode left a name can still be given: that of an empty file which was made beforehand. Where there is
 * none, a link takes an inode at most. Neither tells a reason.
 *
 * @returns `false` where nothing at all can be changed in the folder
 */
async function haltWithoutRoom({
  stopFile,
  spareStopFile,
}: Pick<Home, 'stopFile' | 'spareStopFile'>): Promise<boolean> {
  for (const halt of [() => rename(spareStopFile, stopFile), () => symlink('.', stopFile)]) {
    try {
      await halt();
      return true;
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }
  return false;
}

/** What stands in the file, in whatever form. */
function read(file: string, isReadable: boolean, modified: Date): Omit<Halt, 'file'> {
  const text = isReadable ? readFileSync(file, 'utf8').trim() : '';
  const parsed = content.safeParse(parseJson(text));
  if (parsed.success) return { since: new Date(parsed.data.since), reason: parsed.data.reason };
  const own = plainText(text).slice(0, LONGEST_REASON);
  return { since: modified, reason: own === '' ? NO_REASON : own };
}
