import { type RunningDf, startDf } from '../../test/support/processes/processes.ts';

/** Worker processes that are started again whenever one ends. */
export interface Crew {
  pids(): number[];
  signal(pid: number, signal: NodeJS.Signals): void;
  /** Ends all of them in order. */
  close(): Promise<void>;
  /** What workers said that ended by themselves with an error. */
  complaints(): string[];
}

/** Milliseconds before another worker is started: where they cannot start, that is no reason to spin. */
const REST = 300;

export function startCrew(
  size: number,
  options: { home: string; env: Record<string, string>; cwd: string },
): Crew {
  const workers = new Set<RunningDf>();
  const complaints: string[] = [];
  let closing = false;

  function hire(): void {
    if (closing) return;
    const worker = startDf(['worker'], options);
    workers.add(worker);
    void worker.exited.then(({ code, stderr }) => {
      workers.delete(worker);
      // 1: jobs did not end in time; 4: no Redis just now. Anything else is the program's own doing.
      if (code !== null && ![0, 1, 4].includes(code))
        complaints.push(`exit ${code}: ${stderr.slice(-2_000)}`);
      if (!closing) setTimeout(hire, REST);
    });
  }
  for (let index = 0; index < size; index += 1) hire();

  return {
    pids: () => [...workers].map(({ pid }) => pid),
    signal(pid, signal) {
      for (const worker of workers) if (worker.pid === pid) worker.kill(signal);
    },
    async close() {
      closing = true;
      for (const worker of workers) worker.kill('SIGCONT');
      await Promise.all([...workers].map((worker) => worker.stop()));
    },
    complaints: () => complaints,
  };
}
