/** Full outputs of commands, below `output/` of a project. The sandbox writes them; the program reads and encrypts them. */

import { randomBytes } from 'node:crypto';
import { link, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Sandbox } from '../../factory/ports.ts';
import { errorCode, isMissing } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { namesIn } from '../../lib/file-failure.ts';
import { slug } from '../../lib/text/slug.ts';
import { fileKey, makeFolder, readWhole, syncFolder } from '../files/files.ts';
import type { Privacy } from '../secrets/privacy.ts';
import {
  decryptOutput,
  ENCRYPTED,
  encryptLeftOvers,
  encryptOutput,
  OVERHEAD,
} from '../secrets/private-outputs.ts';

/** More than `sandbox.outputSize` allows by default; a larger file is for a pager. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const RELATIVE = /^output\/[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/;

/**
 * A name that no other call gets. Names sort by time. The file itself is not made. Looks after outputs that were left in
 * clear.
 */
export async function newOutput(
  privacy: Privacy,
  projectFolder: string,
  label: string,
  now: Date,
): Promise<{ file: string; relative: string }> {
  const time = now
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, '');
  const name = `${time}-${slug(label, { fallback: 'command' })}-${randomBytes(4).toString('hex')}.log`;
  await makeFolder(join(projectFolder, 'output'));
  await encryptLeftOvers(privacy, join(projectFolder, 'output'), now);
  return { file: join(projectFolder, 'output', name), relative: `output/${name}` };
}

/** Puts a text there as if a command had said it. @returns its name relative to the project's folder */
export async function saveOutput(
  privacy: Privacy,
  projectFolder: string,
  label: string,
  text: string,
  now: Date,
): Promise<string> {
  const { file, relative } = await newOutput(privacy, projectFolder, label, now);
  await writeFile(file, text, { mode: 0o600 });
  return relative;
}

/**
 * The output in clear, by the name that it got. Throws `not_found`/`output_not_found`, also for a name that points anywhere
 * else, and `environment` errors for one that cannot be decrypted.
 */
export async function readOutput(privacy: Privacy, projectFolder: string, name: string): Promise<string> {
  if (RELATIVE.test(name)) {
    const file = join(projectFolder, name);
    const clear = await readWhole(file, MAX_OUTPUT_BYTES);
    // A file that is being wiped reads as anything.
    if (clear !== null && fileKey(file)?.inode === clear.key.inode) return clear.data.toString('utf8');
    const encrypted = await readWhole(`${file}${ENCRYPTED}`, MAX_OUTPUT_BYTES + OVERHEAD);
    if (encrypted !== null) return (await decryptOutput(privacy, file, encrypted.data)).toString('utf8');
  }
  throw outputNotFound(projectFolder, name);
}

function outputNotFound(projectFolder: string, name: string): DarkFactoryError {
  return new DarkFactoryError(
    'not_found',
    'output_not_found',
    `${join(projectFolder, 'output')}: there is no output ${JSON.stringify(name)}.`,
    'Outputs of ended projects are removed by df clean.',
  );
}

/** @returns `false` when there is no `from` */
async function linkUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
  } catch (error) {
    if (isMissing(error)) return false;
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  return true;
}

/** The sandbox, whose outputs are encrypted as soon as their command has ended. */
export function encryptingOutputs<S extends Pick<Sandbox, 'run'>>(
  sandbox: S,
  options: { privacy: Privacy; projects: string; onProblem(error: unknown): void },
): S {
  const { privacy, projects, onProblem } = options;
  if (!privacy.on) return sandbox;
  return {
    ...sandbox,
    async run(request) {
      try {
        return await sandbox.run(request);
      } finally {
        const place = relative(projects, request.outputFile);
        const [, ...inProject] = place.split(sep);
        // What a command did must not be lost for this: the file stays in clear until the next look.
        if (RELATIVE.test(inProject.join('/')))
          await encryptOutput(privacy, request.outputFile).catch(onProblem);
      }
    },
  };
}

/** Names of the outputs of a project; none when there is no folder for them. */
export async function listOutputs(projectFolder: string): Promise<string[]> {
  return (await namesIn(join(projectFolder, 'output'))).filter((name) => RELATIVE.test(`output/${name}`));
}

/** Gives outputs a second name in another project. An output never changes once its command ended, so none is copied. */
export async function shareOutputs(from: string, to: string): Promise<void> {
  await makeFolder(join(to, 'output'));
  for (const name of await listOutputs(from)) {
    const link = (each: string) => linkUnlessThere(join(from, 'output', each), join(to, 'output', each));
    // One that was just encrypted has another name.
    if (!(await link(name)) && !(await link(`${name}${ENCRYPTED}`))) throw outputNotFound(from, name);
  }
  await syncFolder(join(to, 'output'));
}
