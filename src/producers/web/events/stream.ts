/** Server-sent events (HTML Living Standard §9.2): with ids, so that a stream that was cut goes on where it was. */
import type { Response } from 'express';
import { DarkFactoryError } from '../../../lib/failure.ts';
import { createCursor, type Place, readId } from './cursor.ts';
import type { Feed } from './feed.ts';
import type { Rows } from './rows.ts';

/** Between two signs of life. Milliseconds. */
const HEARTBEAT_MS = 15_000;
/** A reader that lags behind by so many bytes is cut off; it comes back with the last id that it has. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

export interface StreamOptions {
  feed: Feed;
  response: Response;
  signal: AbortSignal;
  /** Of one project. Missing: of all. */
  projectId?: string;
  /** The last id that the reader has. Missing: a project's events from the first, those of all projects from now on. */
  lastId: string | undefined;
  /** Sends rows of the overview as well, as events named `project`, without ids. */
  rows?: Rows;
  now: Date;
}

/** Sends until the reader is gone. Throws `usage`/`event_id_unknown` for an id that no stream of the kind ever had. */
export async function streamEvents(options: StreamOptions): Promise<void> {
  const { feed, rows, response, signal, projectId } = options;
  const place = placeOf(options);
  const cursor = createCursor(place);
  response.set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
  response.flushHeaders();
  response.write('retry: 2000\n\n');
  const heartbeat = setInterval(() => response.write(': alive\n\n'), HEARTBEAT_MS);
  rows?.follow((row) => response.write(`event: project\ndata: ${row}\n\n`), signal);
  try {
    const where = projectId === undefined ? { place } : { projectId, place };
    await feed.follow(
      where,
      (event, end, text) => {
        const id =
          projectId === undefined
            ? cursor.advance(event.projectId, end, new Date(event.timestamp))
            : `${end}`;
        response.write(`id: ${id}\ndata: ${text}\n\n`);
        if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
      },
      signal,
    );
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

function placeOf({ projectId, lastId, now }: StreamOptions): Place {
  if (projectId === undefined) {
    const place = lastId === undefined ? { sent: new Map<string, number>(), floor: now } : readId(lastId);
    if (place !== null) return place;
  } else {
    if (lastId === undefined) return { sent: new Map([[projectId, 0]]), floor: now };
    if (/^\d{1,15}$/.test(lastId)) return { sent: new Map([[projectId, Number(lastId)]]), floor: now };
  }
  throw new DarkFactoryError(
    'usage',
    'event_id_unknown',
    `No event of this stream has the id ${JSON.stringify(lastId?.slice(0, 80))}`,
    'Connect without Last-Event-ID, and read the documents again.',
  );
}
