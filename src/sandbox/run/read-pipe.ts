import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Capture } from './capture.ts';
import type { Pipe } from './pipes.ts';
import { STARTED } from './shell.ts';

const CHUNK = 64 * 1024;

export interface PipeReader {
  capture: Capture;
  /** The command's output really comes through this pipe: the first thing in it was the mark of the shell around it. */
  began(): boolean;
  /**
   * Resolves when the pipe has ended, at the latest after `grace` milliseconds.
   * @returns false when somebody still held its other end
   */
  closed(grace: number): Promise<boolean>;
}

/** What a runtime has to offer for reading a pipe. */
export interface Reading {
  /** Both the pipe and this end of it are closed. */
  done: Promise<void>;
  resume(): void;
  stop(): void;
}

/** Reads the command's output from `pipe`, which is closed at the end. The mark at its head is not part of the output. */
export function readPipe(pipe: Pipe, makeCapture: (resume: () => void) => Capture): PipeReader {
  const capture = makeCapture(() => reading.resume());
  let began: boolean | undefined;
  const take = (chunk: Uint8Array): boolean => {
    if (chunk.length === 0) return true;
    const marked = began === undefined && chunk[0] === STARTED.charCodeAt(0);
    began ??= marked;
    return capture.take(marked ? chunk.subarray(1) : chunk);
  };
  const reading = readRaw(pipe, take);
  return {
    capture,
    began: () => began === true,
    async closed(grace) {
      let clean = true;
      const timer = setTimeout(() => {
        clean = false;
        reading.stop();
      }, grace);
      await reading.done;
      clearTimeout(timer);
      return clean;
    },
  };
}

/** @param take gets what was read, in a buffer that is used again. Says false: not more until `resume` is called */
export const readRaw = (pipe: Pipe, take: (chunk: Uint8Array) => boolean): Reading =>
  process.versions['bun'] === undefined ? throughSocket(pipe, take) : onBun(pipe, take);

/** Reads through one buffer that is used again and again: a flood of output costs time, not memory. */
function throughSocket(pipe: Pipe, take: (chunk: Uint8Array) => boolean): Reading {
  // `onread` is an option of the constructor, too, though the types know it for `connect` only.
  const options = {
    fd: pipe.read,
    readable: true,
    writable: false,
    onread: {
      buffer: Buffer.allocUnsafe(CHUNK),
      callback: (size: number, buffer: Uint8Array) => take(buffer.subarray(0, size)),
    },
  };
  const socket = new Socket(options);
  const done = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    // A broken pipe ends the reading like a closed one; what was read counts.
    socket.once('error', () => undefined);
  });
  return { done, resume: () => void socket.resume(), stop: () => void socket.destroy() };
}

/** The part of Bun that is used here. */
interface BunFiles {
  file(fd: number): { stream(): ReadableStream<Uint8Array> };
}

/** Bun's sockets read nothing from a pipe that was opened by number, and say nothing about it. */
function onBun(pipe: Pipe, take: (chunk: Uint8Array) => boolean): Reading {
  const { Bun } = globalThis as typeof globalThis & { Bun: BunFiles };
  const reader = Bun.file(pipe.read).stream().getReader();
  let goOn: () => void = () => undefined;
  const read = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (!take(value)) await new Promise<void>((resolve) => (goOn = resolve));
    }
  };
  const done = read()
    .catch(() => undefined)
    .finally(() => closeSync(pipe.read));
  const stop = (): void => {
    goOn();
    void reader.cancel().catch(() => undefined);
  };
  return { done, resume: () => goOn(), stop };
}
