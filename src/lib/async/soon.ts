/** Does things a moment later, each of them once however often it was asked for by then. */
export interface Soon {
  /** @param key tells it from others; of several works with one key the newest is done */
  ask(key: string, work: () => Promise<void>): void;
  /** Does at once what is still to be done. */
  flush(): Promise<void>;
}

/** @param onProblem hears of work that failed; it is not tried again by itself */
export function createSoon(delayMs: number, onProblem: (error: unknown) => void): Soon {
  const asked = new Map<string, () => Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();

  function run(): Promise<unknown> {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(async () => {
      const works = [...asked.values()];
      asked.clear();
      await Promise.all(works.map((work) => work().catch(onProblem)));
    });
    return running;
  }

  return {
    ask(key, work) {
      asked.set(key, work);
      timer ??= setTimeout(run, delayMs).unref();
    },
    async flush() {
      do await run();
      while (asked.size > 0);
    },
  };
}
