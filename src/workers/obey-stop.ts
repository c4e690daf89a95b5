import type { Halt } from '../factory/ports.ts';

/** How often a worker looks for the emergency stop, in milliseconds. */
export const LOOK = 1_000;

export interface ObeyStopOptions {
  look(): Halt | null;
  /** Takes no further job. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Hears of both, and of what went wrong with them. */
  tell(message: string, error?: unknown): void;
}

export interface ObeyStop {
  /** Looks now. `true`: whoever asks must not begin. */
  halted(): boolean;
  /** Cut when the factory is halted; what is begun after it goes on has a new one. */
  signal(): AbortSignal;
  close(): void;
}

/**
 * Halts this process while the owner's emergency stop is on: no job is taken, those that run are interrupted. Redis is not
 * asked. When the stop is over, work goes on by itself.
 */
export function obeyStop({ look, pause, resume, tell }: ObeyStopOptions): ObeyStop {
  let running = new AbortController();
  let closed = false;

  /** In order: a resume never overtakes the pause before it. */
  let acts = Promise.resolve();
  const act = (what: () => Promise<void>) => {
    acts = acts
      .then(what)
      .catch((error: unknown) => tell('a halt or its end could not be carried out', error));
  };

  const halted = (): boolean => {
    if (closed) return false;
    const halt = look();
    if (halt !== null && !running.signal.aborted) {
      running.abort();
      tell(`halted: ${halt.reason}`);
      act(pause);
    }
    if (halt === null && running.signal.aborted) {
      running = new AbortController();
      tell('goes on: the emergency stop is over');
      act(resume);
    }
    return halt !== null;
  };

  const timer = setInterval(halted, LOOK);
  // A worker lives as long as its connections; one that could not open them must be able to end.
  timer.unref();
  return {
    halted,
    signal: () => running.signal,
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}
