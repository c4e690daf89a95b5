import type { ServerResponse } from 'node:http';
import type { FaultReply } from './fault-bodies.ts';
import type { ErrorEvent, Fault } from './faults.ts';
import type { RequestRecord } from './record.ts';
import type { Answer } from './script.ts';

/** What was written before a reset must have left the kernel, else the client would see none of it. */
const FLUSH_MS = 20;

export interface Delivered {
  whole: unknown;
  events: readonly string[];
  answer: Answer;
  fault: Fault | undefined;
  errorEvent(kind: ErrorEvent): string;
}

/** Ends after `ms` milliseconds, or at once when the connection is closed from either side. */
export function pause(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve();
    const done = () => {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.on('close', done);
  });
}

/** Ends when the connection takes more bytes, or is closed. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

/** Writes answers and faults to connections. */
export function createDelivery(now: () => number) {
  async function write(response: ServerResponse, data: string | Buffer): Promise<void> {
    if (!response.destroyed && !response.write(data)) await drained(response);
  }

  async function writeEvents(response: ServerResponse, events: readonly string[], answer: Answer) {
    if (!answer.chunkBytes && !answer.eventDelayMs) return write(response, events.join(''));
    for (const event of events) {
      const bytes = Buffer.from(event);
      const size = answer.chunkBytes ?? bytes.length;
      for (let from = 0; from < bytes.length; from += size) {
        if (response.destroyed) return;
        await write(response, bytes.subarray(from, from + size));
        if (answer.chunkBytes) await new Promise((resolve) => setImmediate(resolve));
      }
      if (answer.eventDelayMs) await pause(response, answer.eventDelayMs);
    }
  }

  async function reset(response: ServerResponse): Promise<void> {
    await pause(response, FLUSH_MS);
    response.socket?.resetAndDestroy();
  }

  /** The part of the stream that comes before the fault, then the fault. @returns false when the answer is not whole */
  async function streamed(
    response: ServerResponse,
    record: RequestRecord,
    what: Delivered,
  ): Promise<boolean> {
    response.socket?.setNoDelay(true);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    record.status = 200;
    const { fault, events, answer } = what;
    if (!fault) {
      await writeEvents(response, events, answer);
      return true;
    }
    const from = 'afterEvents' in fault ? fault.afterEvents : undefined;
    const count = fault.fault === 'hang' && fault.at === 'head' ? 0 : (from ?? Math.ceil(events.length / 2));
    response.flushHeaders();
    if (count > 0) await writeEvents(response, events.slice(0, count), answer);
    if (fault.fault === 'cut' && !fault.orderly) await reset(response);
    else if (fault.fault === 'cut') response.end();
    else if (fault.fault === 'error_event') response.end(what.errorEvent(fault.kind ?? 'overloaded'));
    return false;
  }

  const noteEnd = (response: ServerResponse, record: RequestRecord) =>
    response.once('finish', () => {
      record.answeredAt = now();
    });

  return {
    reset,

    plain(response: ServerResponse, record: RequestRecord, reply: FaultReply): void {
      noteEnd(response, record);
      record.status = reply.status;
      response.writeHead(reply.status, reply.headers);
      response.end(reply.body);
    },

    /** Marks the ledger entry as delivered when all bytes were handed to the connection. */
    async answer(response: ServerResponse, record: RequestRecord, what: Delivered): Promise<void> {
      if (response.destroyed) return;
      noteEnd(response, record);
      let whole = !what.fault;
      response.once('finish', () => {
        if (record.billed && whole) record.billed.delivered = true;
      });
      if (record.stream) {
        whole = await streamed(response, record, what);
        if (whole) response.end();
        return;
      }
      record.status = 200;
      const text = JSON.stringify(what.whole);
      if (!what.fault) {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(text);
        return;
      }
      if (what.fault.fault === 'hang') return response.flushHeaders();
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      await write(response, text.slice(0, Math.floor(text.length / 2)));
      await reset(response);
    },
  };
}
