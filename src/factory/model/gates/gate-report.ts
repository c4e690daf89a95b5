import * as z from 'zod';
import { moment, SCHEMA_VERSION } from '../../../lib/schema.ts';

const figures = { passed: z.number(), failed: z.number(), skipped: z.number(), total: z.number() };

/** What the runner's output says of single tests. Lists of names are cut at some hundred. */
const testFigures = z.object({
  runner: z.string(),
  ...figures,
  /** On the base commit. */
  before: z.object(figures).optional(),
  failures: z.array(z.string()),
  /** Failing now and not on the base commit. Empty on the base commit itself. */
  newFailures: z.array(z.string()),
  knownFailures: z.array(z.string()),
});
export type TestFigures = z.infer<typeof testFigures>;

/** What became of the tests themselves. */
const testChanges = z.object({
  kind: z.enum(['deleted', 'skipped', 'emptied', 'checks nothing']),
  path: z.string(),
  count: z.number(),
  tests: z.array(z.string()),
  allowed: z.enum(['owner', 'task']).nullable(),
});

/** New and changed tests, run against the code of the base commit: one that passes there proves nothing. */
const seenRed = z.object({
  /** The same key: the same files on the same base, so they need not be run again. */
  key: z.string(),
  /** Whether the whole run passed there, and the names of what failed, as far as they are kept. Missing in older reports. */
  run: z.object({ passed: z.boolean(), failed: z.array(z.string()) }).optional(),
  files: z.array(
    z.object({
      path: z.string(),
      outcome: z.enum(['seen red', 'never red', 'unknown']),
      tests: z.array(z.object({ name: z.string(), red: z.boolean() })),
    }),
  ),
});
export type SeenRed = z.infer<typeof seenRed>;

/** A test that passed on the base commit and fails there as it was: its old and its new text, for people and for the judge. */
const changedTest = z.object({
  path: z.string(),
  tests: z.array(z.string()),
  /** Who allowed it. `judge`: nobody yet; new tests were seen red, and the judge of the audit decides. */
  by: z.enum(['owner', 'task', 'judge']),
  /** They are rows of a test with parameters now, or the product gives a test fewer parameters. Missing: they ask for something else. */
  as: z.enum(['rows', 'parameters']).optional(),
  before: z.string(),
  after: z.string(),
});
export type ChangedTest = z.infer<typeof changedTest>;
/** Tests of the factory's own that must fail, put into copies of the test files. */
const controlSeen = z.object({
  /** The same key: the same content and command, so they need not be run again. */
  key: z.string(),
  /** So many files got some; 0 where none could be made, and then nothing is claimed. */
  files: z.number().int().nonnegative(),
  objections: z.array(z.string()),
});
export type ControlSeen = z.infer<typeof controlSeen>;

const checkResult = z.object({
  name: z.string(),
  passed: z.boolean(),
  /** Head and tail of both streams; the whole stands in `outputFile`. */
  output: z.string(),
  required: z.boolean(),

  // ---
  command: z.string().optional(),
  exitCode: z.number().int().nullable().optional(),
  durationMs: z.number().nonnegative().optional(),
  outputBytes: z.number().int().nonnegative().optional(),
  outputHash: z.string().optional(),
  outputFile: z.string().optional(),
  /** It failed on the base commit too. */
  knownFailure: z.boolean().default(false),
  /** Where the command comes from: `settings`, `persona`, or the file that it was found in. */
  source: z.string().optional(),
  /** Missing: the output names no tests, or it was never looked for. */
  tests: testFigures.optional(),
  /** It failed, and only as on the base commit; the owner accepts that. */
  accepted: z.boolean().optional(),
  /** 2: it failed at first. */
  attempts: z.number().int().optional(),
  /** Tests and definitions that running it changed. */
  rewritten: z.array(z.string()).optional(),
  /** Tests that failed in one run of two. */
  flaky: z.array(z.string()).optional(),
  /** The owner's acceptance tests: nothing here says more of them than an agent may know. */
  sealed: z.boolean().optional(),
});
export type CheckResult = z.infer<typeof checkResult>;

/** The specification's QualityReport (§3.4): one run of one persona's acceptance criteria. */
export const qualityReport = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION).default(SCHEMA_VERSION),
  passed: z.boolean(),
  checks: z.array(checkResult),
  timestamp: moment,

  // ---
  id: z.string(),
  projectId: z.uuid(),
  persona: z.string(),
  /** `baseline`: on the base commit before the first step. `finish`: a persona claims to be done. `manual`: `df gate`. `merge`: a branch's work in its parent. */
  kind: z.enum(['baseline', 'finish', 'manual', 'merge']),
  round: z.number().int().nonnegative(),
  commit: z.string(),
  sandbox: z.string(),
  /** Gate definitions (scripts, test and lint configuration, .npmrc) that differ from the base commit. */
  changedDefinitions: z.array(z.string()).default([]),
  /** Those of them that may differ. `task`: the agent's own task named it, and what ran came from the base commit. */
  allowedChanges: z.array(z.object({ path: z.string(), by: z.enum(['owner', 'task']) })).default([]),
  /** Why the gate does not pass although its commands might have; one sentence or two each. */
  objections: z.array(z.string()).default([]),
  /** How tests were weakened since the base commit. */
  weakenings: z.array(testChanges).default([]),
  seenRed: seenRed.optional(),
  /** Tests that ask for something else than on the base commit, put to the judge. */
  changedTests: z.array(changedTest).optional(),
  /** What tells of the run of the old tests what went wrong, where an objection to it cannot name any. */
  oldTestsOutput: z.string().optional(),
  control: controlSeen.optional(),
  durationMs: z.number().nonnegative().default(0),
});
export type QualityReport = z.infer<typeof qualityReport>;
