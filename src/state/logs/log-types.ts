import type * as z from 'zod';
import type { Piece } from '../../factory/ports.ts';
import type { DarkFactoryError } from '../../lib/failure.ts';
import type { Freezer } from '../documents/freeze.ts';
import type { Locks } from '../files/lock.ts';
import type { Privacy } from '../secrets/privacy.ts';
import type { ChainPlace } from './chain.ts';
import type { Forced } from './lines.ts';

export interface LogDeps {
  locks: Locks;
  freeze: Freezer;
}

export interface LogOptions<T> {
  file: string;
  schema: z.ZodType<T>;
  /** Its lines carry hashes of all before them. */
  chain?: ChainPlace;
  /** Its lines are encrypted where the owner wants that. Missing: they never are. */
  privacy?: Privacy;
  /** What a missing folder means to a writer. (A missing file is an empty log.) */
  missing?: () => DarkFactoryError;
}

/** A log held exclusively. */
export interface OpenLog<T> {
  /** All entries that stand in the file now. */
  entries(): Promise<readonly T[]>;
  /** One write. A torn last line is cut off before. Throws for an entry that does not fit the schema. */
  append(entries: readonly T[], forced: Forced): Promise<void>;
  /** Puts a copy in the file's place: what whoever has the file open still writes reaches nobody from now on. */
  replace(): Promise<void>;
}

export interface JsonLog<T> {
  /** All entries where they are in memory and the file is unchanged; else `null`. Reads nothing. */
  known(): readonly T[] | null;
  /** All entries, frozen, in an array that later reads extend: only what was added is read and parsed. */
  entries(): Promise<readonly T[]>;
  /** Holds the log against all other writers while `work` runs. */
  exclusively<R>(work: (log: OpenLog<T>) => Promise<R>): Promise<R>;
  /**
   * Appends without taking the log from others, for a writer beside whom nobody writes who has not put a copy in its place before.
   *
   * @param isMine whether the log, with these entries, is still this writer's
   * @returns `unknown`: nothing was written, for there is more in the file than was read. `replaced`: a copy was put in its place
   *   meanwhile, which may have what was written or not
   */
  appendAlone(
    entries: readonly T[],
    forced: Forced,
    isMine: (known: readonly T[]) => boolean,
  ): Promise<'written' | 'unknown' | 'replaced'>;
  /** What was appended by anybody is on disk when the promise resolves. */
  force(): Promise<void>;
  /** What stands from byte `offset` on, and where to go on from. Does not use the cache. */
  readFrom(offset: number): Promise<Piece<T>>;
  /** How long the file is, in bytes, and when it was last written; `null` where there is none. */
  size(): { bytes: number; changedAt: Date } | null;
}
