/** Full outputs of commands, below `output/` of a project. The sandbox writes them; the program only reads them. */
import { randomBytes } from 'node:crypto';
import { link, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DarkFactoryError } from '../lib/failure.ts';
import { slug } from '../lib/slug.ts';
import { errorCode, isMissing, makeFolder, readWhole, syncFolder } from './files.ts';

/** More than `sandbox.outputSize` allows by default; a larger file is for a pager. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const RELATIVE = /^output\/[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/;

/** A name that no other call gets. Names sort by time. The file itself is not made. */
export async function newOutput(
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
  return { file: join(projectFolder, 'output', name), relative: `output/${name}` };
}

/** Throws `not_found`/`output_not_found`, also for a name that points anywhere else. */
export async function readOutput(projectFolder: string, relative: string): Promise<string> {
  const found = RELATIVE.test(relative)
    ? await readWhole(join(projectFolder, relative), MAX_OUTPUT_BYTES)
    : null;
  if (found !== null) return found.data.toString('utf8');
  throw new DarkFactoryError(
    'not_found',
    'output_not_found',
    `${join(projectFolder, 'output')}: there is no output ${JSON.stringify(relative)}.`,
    'Outputs of ended projects are removed by df clean.',
  );
}

/** Names of the outputs of a project; none when there is no folder for them. */
export async function listOutputs(projectFolder: string): Promise<string[]> {
  try {
    return (await readdir(join(projectFolder, 'output'))).filter((name) => RELATIVE.test(`output/${name}`));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Gives outputs a second name in another project. An output never changes once its command ended, so none is copied. */
export async function shareOutputs(from: string, to: string): Promise<void> {
  await makeFolder(join(to, 'output'));
  for (const name of await listOutputs(from)) {
    try {
      await link(join(from, 'output', name), join(to, 'output', name));
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
  await syncFolder(join(to, 'output'));
}
