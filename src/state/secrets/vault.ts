import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { forgeOf } from '../../factory/model/forge/forge.ts';
import type { KeyVault } from '../../factory/ports.ts';
import { isMissing, orNull } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { addFile, makeFolder, syncFolder } from '../files/files.ts';

/**
 * `encrypted:v1:` and base64 of nonce (12 bytes), tag (16) and ciphertext. Another algorithm or layout gets another
 * number, and the old one stays readable.
 */
const SEALED = 'encrypted:v1:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MASTER_BYTES = 32;
/** Beginning of a stored key that is only the name of an environment variable. */
export const FROM_ENVIRONMENT = 'env:';
export const MASTER_KEY = 'DF_MASTER_KEY';
/** Showing four characters of a shorter key would give too much of it away. */
const SHORTEST_HINTED = 8;

export interface KeyVaultOptions {
  /** `DF_HOME`: `master.key` lies there. */
  home: string;
  /** For `env:NAME` and `DF_MASTER_KEY`. */
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * 32 bytes. Makes the file at first use when it `mayMake` it. Throws `environment` errors `master_key_missing`,
 * `master_key_mode`, `master_key_invalid`.
 */
export type MasterKey = (mayMake: boolean) => Promise<Buffer>;

export function createMasterKey({ home, env }: KeyVaultOptions): MasterKey {
  const file = join(home, 'master.key');
  return async (mayMake) => {
    const given = env[MASTER_KEY];
    if (given !== undefined && given !== '') return parseMasterKey(given, MASTER_KEY);
    if (mayMake) await makeMasterKey(home, file);
    return readMasterKey(file);
  };
}

/**
 * Keys at rest under AES-256-GCM. The provider's id is authenticated along with the key, so a ciphertext that was moved
 * to another provider (whose base URL may be an attacker's) does not open.
 *
 * The master key is read at every use: a file whose mode was widened meanwhile is refused at once.
 */
export function createKeyVault({ home, env }: KeyVaultOptions): KeyVault {
  const masterKey = createMasterKey({ home, env });

  async function clear(providerId: string, stored: string): Promise<string> {
    if (stored === '') return '';
    if (stored.startsWith(FROM_ENVIRONMENT)) {
      return fromEnvironment(env, providerId, stored.slice(FROM_ENVIRONMENT.length));
    }
    if (!stored.startsWith(SEALED)) throw unreadable(providerId, 'it is in no form that is known here');
    return decrypt(await masterKey(false), providerId, stored);
  }

  return {
    async seal(providerId, key) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', await masterKey(true), nonce);
      cipher.setAAD(Buffer.from(providerId));
      const text = Buffer.concat([cipher.update(key, 'utf8'), cipher.final()]);
      return SEALED + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
    },
    open: clear,
    async hint(providerId, stored) {
      if (stored === '' || stored.startsWith(FROM_ENVIRONMENT)) return stored;
      const key = await clear(providerId, stored);
      return key.length < SHORTEST_HINTED ? '****' : `****${key.slice(-4)}`;
    },
  };
}

function decrypt(master: Buffer, providerId: string, stored: string): string {
  const bytes = Buffer.from(stored.slice(SEALED.length), 'base64');
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) throw unreadable(providerId, 'it is cut short');
  const decipher = createDecipheriv('aes-256-gcm', master, bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(providerId));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch (cause) {
    const { what, whose, again } = wordsOf(providerId);
    // GCM does not tell why: another provider's ciphertext, an edited one, or one under another master key.
    throw new DarkFactoryError(
      'environment',
      'key_swapped',
      `The ${what} of ${whose} does not belong to it: it was edited, moved from elsewhere, or encrypted with another master key`,
      `Set it again: ${again}`,
      { cause },
    );
  }
}

function fromEnvironment(env: KeyVaultOptions['env'], providerId: string, name: string): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  const { what, whose, again } = wordsOf(providerId);
  throw new DarkFactoryError(
    'environment',
    'key_env_missing',
    `The ${what} of ${whose} is taken from the environment variable ${name}, which is not set here`,
    `Set ${name} where df and its workers are started, or store it: ${again}`,
  );
}

function unreadable(providerId: string, why: string): DarkFactoryError {
  const { what, whose, again } = wordsOf(providerId);
  return new DarkFactoryError(
    'environment',
    'key_unreadable',
    `The ${what} of ${whose} cannot be read: ${why}`,
    `Set it again: ${again}`,
  );
}

/** What is kept here, for people. @param ownerId a provider's id, or `keyOwner` of a forge */
function wordsOf(ownerId: string): { what: string; whose: string; again: string } {
  const forge = forgeOf(ownerId);
  return forge === null
    ? {
        what: 'API key',
        whose: `provider "${ownerId}"`,
        again: `df provider set-key ${ownerId} --api-key-stdin`,
      }
    : { what: 'token', whose: `forge "${forge}"`, again: `df forge set-token ${forge} --token-stdin` };
}

async function readMasterKey(file: string): Promise<Buffer> {
  const found = await lstat(file).catch((error: unknown) => {
    if (isMissing(error)) throw masterKeyProblem('master_key_missing', `There is no ${file}`);
    throw error;
  });
  if (!found.isFile()) throw masterKeyProblem('master_key_mode', `${file} is no regular file`);
  const others = found.mode & 0o077;
  const owner = process.getuid?.();
  if (others !== 0 || (owner !== undefined && found.uid !== owner)) {
    throw new DarkFactoryError(
      'environment',
      'master_key_mode',
      others === 0
        ? `${file} belongs to another user`
        : `${file} is open to other users (mode 0${(found.mode & 0o777).toString(8)})`,
      `Close it: chmod 600 ${file}. If somebody may have read it, replace the API keys at their vendors.`,
    );
  }
  return parseMasterKey(await readFile(file, 'utf8'), file);
}

function masterKeyProblem(code: string, message: string): DarkFactoryError {
  const hint =
    'Put it back from a backup or give it in DF_MASTER_KEY. Without it every key must be set again with df provider set-key, and what privacy.encrypt encrypted stays unreadable.';
  return new DarkFactoryError('environment', code, message, hint);
}

/** 32 bytes as 64 hexadecimal digits or as base64. */
function parseMasterKey(text: string, where: string): Buffer {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  const bytes = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed) ? Buffer.from(trimmed, 'base64') : Buffer.alloc(0);
  if (bytes.length === MASTER_BYTES) return bytes;
  throw masterKeyProblem(
    'master_key_invalid',
    `${where} does not hold a master key (32 bytes in hex or base64)`,
  );
}

/** Makes the file whole or not at all; of two processes at first use, one makes it and both use that. */
async function makeMasterKey(home: string, file: string): Promise<void> {
  const there = await orNull(lstat(file));
  if (there !== null) return;
  await makeFolder(home);
  const text = `${randomBytes(MASTER_BYTES).toString('hex')}\n`;
  // What another one made may not be on disk yet.
  if (!(await addFile(file, text, join(home, `.master.key.${randomUUID()}`)))) await syncFolder(home);
}
