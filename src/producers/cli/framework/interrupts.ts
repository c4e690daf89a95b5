import { EXIT_CODE } from '../../../lib/failure.ts';
import { outlivesHangUp } from '../../../lib/process/hang-up.ts';

/** The person, or the system, asked the program to stop. */
export interface Interrupts {
  /** The first SIGINT, SIGTERM or SIGHUP, or nobody reads any more what is said. */
  readonly first: AbortSignal;
  /** The second: stop harder. */
  readonly second: AbortSignal;
  /** The first was the closing of the terminal. */
  readonly hungUp: () => boolean;
  /** Signals end the process again, as they do by default. */
  dispose(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * From now on stop signals are told instead of ending the process; a third one ends it at once.
 *
 * @param options.unread the work goes on when whoever read what is said is gone. Default: that is an interrupt, too
 */
export function listenForInterrupts({ unread = false }: { unread?: boolean } = {}): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  const signals = outlivesHangUp(process.env) ? SIGNALS : ([...SIGNALS, 'SIGHUP'] as const);
  let cause: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (!first.signal.aborted) {
      cause = signal;
      first.abort();
    }
    // The system tells of a closed terminal more than once: never a second, harder request.
    else if (signal === 'SIGHUP') return;
    else if (!second.signal.aborted) second.abort();
    else process.exit(130);
  };
  for (const signal of signals) process.on(signal, onSignal);
  const onUnread = () => first.abort();
  const streams = unread ? [] : [process.stdout, process.stderr];
  for (const stream of streams) stream.on('error', onUnread);
  return {
    first: first.signal,
    second: second.signal,
    hungUp: () => cause === 'SIGHUP',
    dispose() {
      for (const signal of signals) process.off(signal, onSignal);
      for (const stream of streams) stream.off('error', onUnread);
    },
  };
}

/** Exit code after Ctrl-C where a person stopped waiting. */
export const INTERRUPTED = EXIT_CODE.interrupted;

/** Resolves when the signal is cut, at once when it already was. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
