/**
 * Outputs under encryption. The sandbox writes them in clear, as they come; when the command has ended, `x.log` becomes
 * `x.log.enc`: magic, id, nonce, ciphertext, tag. Whoever dies in between leaves a clear file, which is encrypted when the
 * project's outputs are next looked after.
 */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isMissing, orNull } from '../../lib/errno.ts';
import { namesIn } from '../../lib/file-failure.ts';
import { newer } from '../documents/document-form.ts';
import { asEnvironmentError, FILE_MODE, removeQuietly, syncFolder, unreadable } from '../files/files.ts';
import { ID_BYTES, NONCE_BYTES, opened, type Privacy, TAG_BYTES } from './privacy.ts';

export const ENCRYPTED = '.enc';
const MAGIC = Buffer.from('df-encrypted 1\n');
/** Bytes that encryption adds. */
export const OVERHEAD = MAGIC.length + ID_BYTES + NONCE_BYTES + TAG_BYTES;
/** Files on their way: being encrypted, or being wiped. */
const ASIDE = /^\.(.+)\.[0-9a-f]{16}\.(tmp|gone)$/;
const ZEROS = Buffer.alloc(1024 * 1024);

/**
 * Encrypts one output and wipes its clear file. No command may be writing it. Nothing happens without encryption, for an
 * empty file, and for one that is gone.
 */
export async function encryptOutput(privacy: Privacy, file: string): Promise<void> {
  if (!privacy.on || file.endsWith(ENCRYPTED)) return;
  const size = (await orNull(stat(file)))?.size ?? 0;
  if (size === 0) return;
  const aside = asideOf(file, 'tmp');
  try {
    await encryptTo(privacy, file, aside);
    await rename(aside, `${file}${ENCRYPTED}`);
    await syncFolder(dirname(file));
  } catch (error) {
    await removeQuietly(aside);
    // Another process was quicker.
    if (isMissing(error)) return;
    throw asEnvironmentError(error, file);
  }
  await wipe(file);
}

async function encryptTo(privacy: Privacy, file: string, target: string): Promise<void> {
  const id = randomBytes(ID_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await privacy.keyOf(id, file, 'make'), nonce);
  cipher.setAAD(outputName(file));
  const output = createWriteStream(target, { flags: 'wx', mode: FILE_MODE, flush: true });
  await pipeline(
    createReadStream(file),
    async function* (chunks: AsyncIterable<Buffer>) {
      yield Buffer.concat([MAGIC, id, nonce]);
      for await (const chunk of chunks) yield cipher.update(chunk);
      yield cipher.final();
      yield cipher.getAuthTag();
    },
    output,
  );
}

/** @param file the name that it had in clear */
export async function decryptOutput(privacy: Privacy, file: string, data: Buffer): Promise<Buffer> {
  const start = MAGIC.length + ID_BYTES + NONCE_BYTES;
  if (!data.subarray(0, MAGIC.length).equals(MAGIC)) {
    if (data.toString('latin1', 0, 13) !== 'df-encrypted ') throw unreadable(file, 'it is no output', REMEDY);
    throw newer(file, 'it is encrypted in a way that this program does not know');
  }
  if (data.length < start + TAG_BYTES) throw unreadable(file, 'it is cut short', REMEDY);
  const id = data.subarray(MAGIC.length, MAGIC.length + ID_BYTES);
  const key = await privacy.keyOf(id, file, 'find');
  const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(start - NONCE_BYTES, start));
  decipher.setAAD(outputName(file));
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  return opened(file, 'it', () =>
    Buffer.concat([decipher.update(data.subarray(start, -TAG_BYTES)), decipher.final()]),
  );
}

const REMEDY = 'Put a copy of it back.';

/**
 * Encrypts what was left in clear in a folder of outputs, and takes away what a killed process left half done.
 *
 * @param now missing: no command of the project runs any more, so everything in clear is left over
 */
export async function encryptLeftOvers(privacy: Privacy, folder: string, now?: Date): Promise<void> {
  if (!privacy.on) return;
  for (const name of await namesIn(folder)) {
    const file = join(folder, name);
    const aside = ASIDE.exec(name);
    if (name.endsWith(ENCRYPTED) || (name.startsWith('.') && aside === null)) continue;
    const found = await orNull(stat(file));
    if (found === null || (now !== undefined && now.getTime() - found.mtimeMs < privacy.quietMs)) continue;
    if (aside?.[2] === 'gone') await overwrite(file);
    else if (aside !== null) await removeQuietly(file);
    else await encryptOutput(privacy, file);
  }
}

/** First under another name, by which nobody gives it a second one: that would be wiped along. */
async function wipe(file: string): Promise<void> {
  const gone = asideOf(file, 'gone');
  try {
    await rename(file, gone);
  } catch (error) {
    if (isMissing(error)) return;
    throw asEnvironmentError(error, file);
  }
  await overwrite(gone);
}

/** A file that another project refers to as well only loses this name. */
async function overwrite(file: string): Promise<void> {
  const found = await orNull(stat(file));
  if (found === null) return;
  if (found.nlink === 1) {
    const handle = await open(file, 'r+');
    try {
      for (let at = 0; at < found.size; at += ZEROS.length)
        await handle.write(ZEROS, 0, Math.min(ZEROS.length, found.size - at), at);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
  await removeQuietly(file);
}

/** The same in a child, which shares it under the same name. */
function outputName(file: string): Buffer {
  return Buffer.from(`output ${basename(file)}`);
}

function asideOf(file: string, ending: 'tmp' | 'gone'): string {
  return join(dirname(file), `.${basename(file)}.${randomBytes(8).toString('hex')}.${ending}`);
}
