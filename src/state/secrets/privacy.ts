/**
 * Encryption at rest of what agents say and see: lines of journals, and outputs of commands. AES-256-GCM.
 *
 * Every file of its own has a random id, which stands in clear with what is encrypted; its key is derived from the master
 * key and that id. So a file carries all that is needed besides the master key, also in a child project, which begins with
 * a copy of its parent's journal and shares its outputs. A line that was moved from another file does not fit the id of
 * those before it, and neither journal nor output opens under another name.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { DarkFactoryError } from '../../lib/failure.ts';
import { newer } from '../documents/document-form.ts';
import { corrupt } from '../logs/lines.ts';
import type { MasterKey } from './vault.ts';

export const ID_BYTES = 12;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

export interface Privacy {
  /** What is written from now on is encrypted. What was is readable either way. */
  readonly on: boolean;
  /** An output that nothing was written to for longer belongs to no command any more, in milliseconds. */
  readonly quietMs: number;
  /**
   * The key of a file. `make`: it is for something new, so that a master key may be made for it; what is there already never
   * gets another one. Throws `environment` errors of the master key.
   */
  keyOf(id: Buffer, file: string, how: 'find' | 'make'): Promise<Buffer>;
}

export interface PrivacyOptions {
  encrypt: boolean;
  masterKey: MasterKey;
  /** The longest that a command may take, in milliseconds. */
  longestCommand: number;
}

export function createPrivacy(options: PrivacyOptions): Privacy {
  // Derived keys only; a file that is read again and again must not cost a look at the master key each time.
  const keys = new Map<string, Buffer>();
  return {
    on: options.encrypt,
    quietMs: Math.max(60 * 60 * 1_000, 2 * options.longestCommand),
    async keyOf(id, file, how) {
      const name = id.toString('base64url');
      const known = keys.get(name);
      if (known !== undefined) return known;
      const master = await options.masterKey(how === 'make').catch((error: unknown) => {
        throw error instanceof DarkFactoryError ? withoutKey(file, error) : error;
      });
      const key = Buffer.from(hkdfSync('sha256', master, id, 'dark-factory journals and outputs', 32));
      if (keys.size >= KEPT_KEYS) keys.clear();
      keys.set(name, key);
      return key;
    },
  };
}

const KEPT_KEYS = 1_000;

const LINE = /^\{"encrypted":"v1\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]+)"\}$/;
const BEGINNING = '{"encrypted":"';

export function isEncrypted(line: string): boolean {
  return line.startsWith(BEGINNING);
}

export interface NumberedLine {
  text: string;
  /** In its file, for messages. */
  number: number;
}

/** Throws `environment`/`private_unreadable`, `state_unreadable`, `state_newer`, and what is wrong with the master key. */
export async function decryptLine(
  privacy: Privacy,
  file: string,
  { text, number }: NumberedLine,
  id: Buffer | null,
): Promise<{ text: string; id: Buffer }> {
  const found = LINE.exec(text);
  if (found === null) {
    if (/^\{"encrypted":"v1\./.test(text)) throw corrupt(file, number, 'it is no encrypted entry');
    throw newer(file, `line ${number} is encrypted in a way that this program does not know`);
  }
  const its = Buffer.from(found[1] ?? '', 'base64url');
  if (id !== null && !its.equals(id)) throw corrupt(file, number, 'it was moved here from another file');
  const bytes = Buffer.from(found[2] ?? '', 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw corrupt(file, number, 'it is cut short');
  const key = await privacy.keyOf(its, file, 'find');
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(lineName(file));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const clear = opened(file, `line ${number}`, () =>
    Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]),
  );
  return { text: clear.toString('utf8'), id: its };
}

/** @param id of the lines that the file has already; `null`: none of them is encrypted */
export async function encryptLines(
  privacy: Privacy,
  file: string,
  texts: readonly string[],
  id: Buffer | null,
): Promise<{ texts: string[]; id: Buffer }> {
  const its = id ?? randomBytes(ID_BYTES);
  const key = await privacy.keyOf(its, file, id === null ? 'make' : 'find');
  const one = (text: string) => {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonce);
    cipher.setAAD(lineName(file));
    const bytes = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const packed = Buffer.concat([nonce, cipher.getAuthTag(), bytes]).toString('base64url');
    return `${BEGINNING}v1.${its.toString('base64url')}.${packed}"}`;
  };
  return { texts: texts.map(one), id: its };
}

/** A child has a copy of its parent's journal of the same name. */
function lineName(file: string): Buffer {
  return Buffer.from(`line ${basename(file)}`);
}

/** Runs a decryption. GCM does not tell why it fails, so the error names all reasons. */
export function opened(file: string, what: string, decrypt: () => Buffer): Buffer {
  try {
    return decrypt();
  } catch (cause) {
    throw new DarkFactoryError(
      'environment',
      'private_unreadable',
      `${file}: ${what} cannot be decrypted: it was edited, moved from elsewhere, or encrypted with another master key.`,
      'Put back the master.key (or DF_MASTER_KEY) that was in use when it was written; otherwise a copy of the file.',
      { cause },
    );
  }
}

function withoutKey(file: string, error: DarkFactoryError): DarkFactoryError {
  const message = `${file} is encrypted (privacy.encrypt) and its key is not at hand: ${error.message}`;
  return new DarkFactoryError('environment', error.code, message, error.hint, { cause: error });
}
