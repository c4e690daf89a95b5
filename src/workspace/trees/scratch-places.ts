/** Scratch trees as they lie on the disk: whose they are, and whether somebody is at work in them. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Holder } from '../../factory/model/journal.ts';
import { isMissing } from '../../state/files/files.ts';
import type { Liveness } from '../../lib/process/process.ts';

/** `owner.json` of a place: who made the tree, so that others can tell whether it was left behind. */
const owner = z.object({
  holder: z.object({ host: z.string(), pid: z.number(), startedAt: z.string() }),
  repository: z.string(),
});
export type ScratchOwner = z.infer<typeof owner>;

/** Milliseconds in which a place that was just made gets its `owner.json`. */
const BEING_MADE = 60_000;
/** No gate and no audit takes as long on a machine whose processes cannot be seen from here. Milliseconds. */
const LONGEST = 24 * 60 * 60_000;

export interface PlaceHands {
  liveness(holder: Holder): Promise<Liveness>;
  now(): Date;
}

/** The places of a project, each a folder with `owner.json` and the tree itself. */
export async function scratchPlaces(folder: string): Promise<string[]> {
  const names = (await orNull(readdir(folder))) ?? [];
  return names.filter((name) => name.startsWith('tree-')).map((name) => join(folder, name));
}

/** @returns `null` for a place that is just being made, or was when its worker died */
export async function ownerOf(place: string): Promise<ScratchOwner | null> {
  const text = await orNull(readFile(join(place, 'owner.json'), 'utf8'));
  if (text === null || !text.endsWith('}')) return null;
  return owner.parse(JSON.parse(text));
}

/** Whether a living worker has the place, or may have: one on another machine, or before a reboot, for a day. */
export async function isInUse({ liveness, now }: PlaceHands, place: string): Promise<boolean> {
  const made = await ownerOf(place);
  const holder = made === null ? null : await liveness(made.holder);
  if (holder === 'alive' || holder === 'dead') return holder === 'alive';
  const found = await orNull(stat(place));
  if (found === null) return false;
  return now().getTime() - found.mtimeMs < (made === null ? BEING_MADE : LONGEST);
}

/** Is any of a project's places in use? */
export async function isWorkedIn(hands: PlaceHands, folder: string): Promise<boolean> {
  const used = await Promise.all((await scratchPlaces(folder)).map((place) => isInUse(hands, place)));
  return used.includes(true);
}

async function orNull<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
