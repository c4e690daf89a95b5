/** Who looks for faults: each has one concern, for whoever looks for everything finds the usual. */

export interface Finder {
  name: string;
  /** For lists and SARIF. */
  title: string;
  /** What it looks for, and what it leaves to others. */
  concern: string;
}

export const FINDERS: readonly Finder[] = [
  {
    name: 'correctness',
    title: 'Wrong results',
    concern:
      'Wrong results. Inputs for which the changed code returns or does something else than its name, its comment, its callers ' +
      'or its documentation say: wrong conditions, limits that are off by one, swapped arguments, forgotten cases (empty, one, ' +
      'many, negative, very large, not ASCII), units mixed up, callers that were not changed along.',
  },
  {
    name: 'errors',
    title: 'Errors that are lost',
    concern:
      'Errors that are lost. Failures that are swallowed, reported as success, or leave things half done; results and exit codes ' +
      'that nobody looks at; promises that nobody waits for; clean-up that does not run when something fails in the middle.',
  },
  {
    name: 'security',
    title: 'Ways in',
    concern:
      'Ways in. Input of others that reaches a shell, a query, a path, a pattern, a template or a parser without being checked; ' +
      'rights that are wider than needed; secrets in code, logs or messages; comparisons and random numbers that can be guessed.',
  },
  {
    name: 'resources',
    title: 'Concurrency and resources',
    concern:
      'Concurrency and resources. Two at once: lost updates, checks that no longer hold when they are acted on, locks that are ' +
      'not given back. Files, connections, timers, listeners and memory that are not given back or grow without an end; loops ' +
      'that never end, and work that grows with the square of its input.',
  },
  {
    name: 'tests',
    title: 'Tests that prove nothing',
    concern:
      'Tests that prove nothing. New or changed tests that pass whatever the code does: without an assertion, with one that is ' +
      'never reached, that compares a thing with itself or waits for nothing; tests that were skipped or made weaker. The repro ' +
      'breaks a copy of the code under test and shows that the test still passes.',
  },
];
