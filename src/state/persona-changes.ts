/** Personas of the home as they are made, changed and removed. The Markdown file stays the truth: nothing else is kept of them. */
import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PERSONA_NAME, type PersonaTemplate } from '../factory/model/personas/persona.ts';
import { createTurn } from '../lib/async/turns.ts';
import { isMissing } from '../lib/errno.ts';
import { DarkFactoryError, usageError } from '../lib/failure.ts';
import { newUuid } from '../lib/ids.ts';
import { asEnvironmentError, makeFolder, readWhole, replaceFile, syncFolder } from './files/files.ts';

/** A persona's file as it stands. */
export interface PersonaText {
  text: string;
  /** Of these very bytes: whoever changes the file says which ones they have read. */
  fileVersion: string;
}

export interface PersonaChanges {
  /** @param path of a file that `load` found */
  text(path: string): Promise<PersonaText>;
  /** What is wrong with a text as a persona's file; `null`: nothing. */
  problemOf(text: string, name: string): string | null;
  /**
   * Writes the home's own persona, whole or not at all; it hides a shipped one of the same name, which is never changed.
   *
   * @param ifVersion `fileVersion` of what is changed, whosever it is; `null`: there must be none of this name. Missing: whatever is there
   * @throws DarkFactoryError `usage`: `persona_invalid`, `persona_changed`
   */
  save(name: string, text: string, ifVersion?: string | null): Promise<PersonaText>;
  /**
   * Removes the home's own; a shipped one of the same name shows again.
   *
   * @throws DarkFactoryError `usage`: `persona_changed`, `persona_shipped`; `not_found`/`persona_not_found`
   */
  remove(name: string, ifVersion?: string): Promise<void>;
}

export interface PersonaChangesDeps {
  /** `personas/` of the home. */
  folder: string;
  maxBytes: number;
  find(name: string): Promise<{ path: string } | null>;
  parse(text: string, path: string): { ok: true; template: PersonaTemplate } | { ok: false; problem: string };
}

export function createPersonaChanges({ folder, maxBytes, find, parse }: PersonaChangesDeps): PersonaChanges {
  const inTurn = createTurn();
  const fileOf = (name: string) => join(folder, `${name}.md`);

  async function text(path: string): Promise<PersonaText> {
    const found = await readWhole(path, maxBytes);
    if (found === null) throw gone(path);
    return { text: found.data.toString('utf8'), fileVersion: versionOf(found.data) };
  }

  function problemOf(words: string, name: string): string | null {
    if (!PERSONA_NAME.test(name))
      return 'its name has other signs than letters, digits, dash and underscore, or more than 64';
    if (Buffer.byteLength(words) > maxBytes) return `it has more than ${maxBytes} bytes`;
    const outcome = parse(words, fileOf(name));
    if (!outcome.ok) return outcome.problem;
    const own = outcome.template.name;
    return own === name ? null : `its name is "${own}", but it is saved as "${name}"`;
  }

  async function refuseChanged(name: string, ifVersion: string | null | undefined): Promise<void> {
    if (ifVersion === undefined) return;
    const found = await find(name);
    const there = found === null ? null : (await text(found.path)).fileVersion;
    if (there === ifVersion) return;
    throw new DarkFactoryError(
      'failed',
      'persona_changed',
      there === null
        ? `The persona ${name} was removed since you read it`
        : ifVersion === null
          ? `There is a persona ${name} already`
          : `The file of ${name} was changed since you read it`,
      'Nothing was saved. Read it again, then make your change to that.',
    );
  }

  return {
    text,
    problemOf,
    save: (name, words, ifVersion) =>
      inTurn(async () => {
        const problem = problemOf(words, name);
        if (problem !== null)
          throw usageError(
            'persona_invalid',
            `It is no persona: ${problem}`,
            'Nothing was saved. Correct it.',
          );
        await refuseChanged(name, ifVersion);
        await makeFolder(folder);
        const file = fileOf(name);
        await replaceFile(file, words, `${file}.${newUuid()}.new`, () => refuseChanged(name, ifVersion));
        return { text: words, fileVersion: versionOf(Buffer.from(words)) };
      }),
    remove: (name, ifVersion) =>
      inTurn(async () => {
        await refuseChanged(name, ifVersion);
        const found = await find(name);
        if (found === null) throw gone(name);
        if (found.path !== fileOf(name))
          throw new DarkFactoryError(
            'failed',
            'persona_shipped',
            `${name} came with the program, and is not removed`,
            'A persona of your own with this name hides it.',
          );
        await unlink(found.path).catch((error: unknown) => {
          if (!isMissing(error)) throw asEnvironmentError(error, found.path);
        });
        await syncFolder(dirname(found.path));
      }),
  };
}

function versionOf(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 16);
}

function gone(what: string): DarkFactoryError {
  return new DarkFactoryError(
    'not_found',
    'persona_not_found',
    `${what}: there is no such persona`,
    'See df persona list.',
  );
}
