/**
 * A signal that is aborted with the first of several, until it is let go. `AbortSignal.any` keeps a mark of each that it made at
 * the signals it was made from: at those of a whole process they would gather for as long as it lives.
 */
export function anySignal(signals: readonly AbortSignal[]): { signal: AbortSignal; letGo(): void } {
  const first = new AbortController();
  const cuts = signals.map((signal) => ({ signal, cut: () => first.abort(signal.reason) }));
  for (const { signal, cut } of cuts) {
    if (signal.aborted) cut();
    else signal.addEventListener('abort', cut, { once: true });
  }
  return {
    signal: first.signal,
    letGo() {
      for (const { signal, cut } of cuts) signal.removeEventListener('abort', cut);
    },
  };
}
