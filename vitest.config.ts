import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/sequencer.ts';

/** How much of a function must have run before V8 optimises it, in bytes of its code: nearly nothing here runs long enough to pay. */
const SELDOM_OPTIMISED = '--interrupt-budget=1000000';
// For the threads, which are of this process: it took a seventh of the unit tests' processor time.
setFlagsFromString(SELDOM_OPTIMISED);

/**
 * Two projects. `unit`: pure rules and in-process pieces, threads without isolation (seconds).
 * `real`: anything that starts a Redis, a git, a sandbox, a worker or the `df` program.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // What a file becomes hangs on its content alone, so it is kept in node_modules from one run to the next: a fifth of the unit tests.
    experimental: { fsModuleCache: true },
    globalSetup: ['test/support/processes/memory-disk.ts'],
    coverage: {
      include: ['src'],
      reporter: ['text-summary', 'lcov'],
      reportOnFailure: true,
      thresholds: { lines: 80 },
    },
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.real.test.ts', 'test/e2e/**', 'test/faults/**', 'test/attacks/**'],
          pool: 'threads',
          isolate: false,
          // vitest would leave one processor idle, which on two is half of them.
          maxWorkers: availableParallelism(),
          testTimeout: 30_000,
          // Tests that run side by side wait; none has to wait for the others first.
          maxConcurrency: 50,
        },
      },
      {
        test: {
          name: 'real',
          // After the unit tests: projects that differ in their number of workers cannot run side by side.
          sequence: { groupOrder: 1 },
          include: ['test/**/*.real.test.ts', 'test/{e2e,faults,attacks}/**/*.test.ts'],
          setupFiles: ['test/support/processes/leaks.ts'],
          pool: 'forks',
          // A process runs one file after the other and loads the sources once: that took a processor longer than many a test.
          isolate: false,
          // Ends what hangs, and proves nothing: on a busy machine all takes its time, so no test has a limit of its own.
          testTimeout: 600_000,
          hookTimeout: 300_000,
          // They wait for timers, disks and processes more than they compute.
          maxWorkers: Math.min(9, 3 * availableParallelism()),
          // A process is copied for each program that it starts, so the memory that it has just used counts.
          execArgv: ['--max-semi-space-size=4', SELDOM_OPTIMISED],
        },
      },
    ],
  },
});
