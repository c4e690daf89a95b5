import * as z from 'zod';
import { queueNames } from '../../queues/jobs/catalogue.ts';
import { isRegularExpression } from '../model/secrets/secret-patterns.ts';
import { gitSettings } from './git-settings.ts';
import { intakeSettings } from './intake-settings.ts';
import { notificationSettings } from './notification-settings.ts';
import { publishSettings } from './publish-settings.ts';
import { routing, routingProblems, tiers } from './routing-settings.ts';
import { address, count, duration, flag, group, list, oneOf, share, unset } from './settings.ts';
import { hoursProblem, isTimeZone } from './work-hours.ts';
import { worktreeSettings } from './worktree-settings.ts';

const MIB = 1024 * 1024;

/** At most `max` job starts in `duration`, over all workers and machines. */
const queueRateLimit = z.object({ max: z.number().int().positive(), duration: duration('1s') });

const positive = z.number().int().positive();
const usd = z.number().positive().finite();
const bytesOrShare = z.union([
  z.number().int().nonnegative(),
  z.string().regex(/^\d{1,2}(\.\d+)?%$/, 'neither bytes nor a share like 10%'),
]);

const keys = z.object({
  dataDir: unset(
    z.string(),
    '/var/lib/dark-factory',
    'Folder for projects and worktrees. Not set: `data` in `DF_HOME`',
  ),
  defaultMaxRuntime: duration('12h', 'Active time after which a project ends as `timeout`'),
  defaultPersonas: z
    .array(z.string().min(1))
    .min(1)
    .default(['engineer'])
    .describe('Personas of projects that are made without `--persona`, in order of work'),
  pollingInterval: duration('5m', 'How often providers are probed while a project waits for credits'),
  auditInterval: duration('30m', 'How often the task list of a project at work is audited'),
  keepAwake: flag(false, 'Keep the machine from sleeping while projects are at work'),
  logLevel: oneOf(['debug', 'info', 'warn', 'error'], 'info', "What the program's own log holds"),

  workHours: unset(
    z.string().superRefine((text, context) => {
      const problem = hoursProblem(text);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    }),
    '22:00-07:00',
    'When calls of models may begin; the rest of the day projects wait. A call under way is not cut, and gates run at any time. Not set: always',
  ),
  timezone: unset(
    z.string().refine(isTimeZone, 'is no time zone such as Europe/Berlin'),
    'Europe/Berlin',
    "Of `workHours`, and of schedules that are added without `--timezone`. Not set: the machine's",
  ),

  redis: group('Which Redis carries the queues', {
    url: unset(
      z.string(),
      'redis://127.0.0.1:6379',
      '`redis://`, `rediss://` or `unix://`. The variable `REDIS_URL` comes first. Neither: the embedded Redis',
    ),
    prefix: unset(
      z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
      'factory-1',
      "Start of all keys. Two homes on one Redis need two prefixes. Not set: made from the home's id",
    ),
  }),

  sandbox: group('What commands of agents and gates may use', {
    mode: oneOf(
      ['auto', 'bubblewrap', 'unshare', 'sandbox-exec', 'off'],
      'auto',
      'What walls commands in; `auto` takes the first one that works. `off` is your own risk, and status and report say so',
    ),
    commandTimeout: duration('10m', 'Longest run of one command of an agent'),
    maxProcesses: count(512, 'Processes of one command'),
    memory: count(4096 * MIB, 'Memory of one command with all its processes, in bytes'),
    fileSize: count(2048 * MIB, 'Largest file that a command may write, in bytes'),
    diskReserve: count(
      1024 * MIB,
      "Free bytes on the worktree's disk below which a command that writes there is ended",
      { min: 0 },
    ),
    outputSize: count(64 * MIB, 'Output of one command that is kept, in bytes'),
    tmpSize: count(1024 * MIB, "Size of a command's private `/tmp` and home, in bytes"),
    passEnv: list(
      z.string(),
      'Names of environment variables that commands may see. Keys and tokens do not belong here',
    ),
    readOnlyPaths: list(z.string(), 'Further folders that commands may read'),
    setupNetwork: flag(
      false,
      'Network for the set-up of a worktree (dependency install), of commits of an agent too where a task lets dependencies change. Without it, what no lock file names is not installed',
    ),
  }),

  agent: group('How agents talk to models', {
    maxOutputTokens: unset(
      positive,
      32_000,
      'Longest reply of a model, its thoughts included. Not set: by model, at most 32,000, or 64,000 for one that thinks',
    ),
    contextTokens: count(128_000, 'Context window of models whose provider does not say'),
    compactAt: share(0.75, 'Share of the context window at which the older part is summarised', {
      min: 0.1,
      max: 0.95,
    }),
    idleTurns: count(
      20,
      'Turns without a change before the agent is told. Twice that: a fresh context. Three times: its task is blocked',
    ),
    modelIdleTimeout: duration(
      '2m',
      'A model that sends nothing for this long is cut off; one that thinks silently gets five times as long',
    ),
    modelTimeout: duration('15m', 'Longest model call'),
  }),

  gates: group('The checks that decide whether work is done', {
    timeout: duration('15m', 'Longest run of one check'),
    maxRounds: count(10, 'Failed gates of one persona before the project fails'),
    concurrency: unset(
      positive,
      2,
      'Gates at once on this machine, over all its workers. Not set: one for two cores, as far as memory allows at `sandbox.memory` each',
    ),
    allowChanges: flag(
      false,
      'Agents may change scripts, configuration and tests that decide about their work. Otherwise only what your description permits in a sentence ("Update test/sum.test.js"; naming a file is not enough)',
    ),
    knownFailures: oneOf(
      ['block', 'allow'],
      'block',
      '`allow`: failures that the base commit has already do not stop a gate; a new one always does',
    ),
    missing: oneOf(
      ['skip', 'fail'],
      'skip',
      'A linter or formatter that the repository does not have, whose program is not installed, or that finds fault with the base commit and whose version no lock file fixes: `skip` leaves the check out and shows it as not checked, `fail` lets the project wait for you or its agents fix what was found',
    ),
  }),

  worktree: worktreeSettings,

  secrets: group('Keys in commits', {
    scan: flag(true, 'Look for keys and passwords in what is about to be committed'),
    allow: list(
      z.string().min(1).refine(isRegularExpression, 'no regular expression'),
      'Regular expressions; a path or a text that one of them matches is no secret',
    ),
  }),

  privacy: group('What of the work can be read on the disk', {
    encrypt: flag(
      false,
      'Encrypt journals, outputs, and what you and agents say to each other, at rest, from now on, with the master key. What is there already stays as it is and readable',
    ),
  }),

  git: gitSettings,

  audits: group('The second opinion on finished tasks', {
    maxRounds: count(5, 'Closing audits that find open work before the project fails'),
    review: flag(false, 'Review the whole work, as `df review` does, before it counts as done'),
    judgeTurns: count(8, 'Turns in which the judge of one task may look before it must answer', {
      min: 0,
      max: 50,
    }),
  }),

  questions: group('What agents ask you', {
    patience: duration(
      '30m',
      'After this long without an answer, what the agent has named as its default decides',
    ),
  }),

  tiers,
  routing,

  budgets: group('Spending caps over all projects', {
    perDay: unset(usd, 20, 'US dollars that all projects together may spend in a day. Not set: no limit'),
    perHour: unset(usd, 5, 'The same for an hour'),
  }),

  decisions: group('Projects that fork when an agent is in doubt', {
    confidenceThreshold: share(0.7, 'A decision with less confidence counts as doubtful'),
    minOptionConfidence: share(0.2, 'Options with no more than this do not count'),
    minOptions: count(2, 'Options that a doubtful decision needs to be worth exploring', { min: 2 }),
    maxBranches: count(2, 'Options of it that are built side by side, the best first', { min: 2 }),
    maxDepth: count(2, 'Forks within forks; deeper, the best option is taken. `0`: never fork', { min: 0 }),
    maxProjects: count(6, 'Projects in one tree, the root included; beyond it the best option is taken'),
    merge: oneOf(['auto', 'manual'], 'auto', '`manual`: nothing is merged before `df merge`'),
    record: flag(false, 'Commit a record of the decision as `docs/decisions/NNNN-….md` with the merge'),
  }),

  workers: group('The processes that do the work', {
    concurrency: count(8, 'Steps at once in one worker process'),
    lockDuration: duration('30s', 'A worker that is silent for this long has lost its jobs'),
    stalledInterval: duration('10s', 'How often such jobs are looked for'),
    reconcileInterval: duration('10s', 'How often the state files are compared with the queues'),
    grace: duration('30s', 'After SIGTERM: time for running steps to end'),
    heartbeat: duration('5s', 'How often running steps save their active time'),
  }),

  limits: group('What the machine bears, and what is done about it', {
    openProjects: count(
      16,
      'Projects that have a worktree at once; the others wait for their turn, by priority, then age. Branches of a decision take places without waiting',
    ),
    diskFree: bytesOrShare
      .default('10%')
      .describe(
        'Space that stays free where `DF_HOME` and the repositories lie, in bytes or as a share. Below it, what ended projects left is cleaned up and new steps wait',
      ),
    cleanAfter: duration(
      '7d',
      'Where disk space is short: outputs and logs older than this go, and kept worktrees',
    ),
    memory: share(0.8, "Share of the machine's memory in use above which fewer gates run at once", {
      min: 0.1,
    }),
    crashes: count(3, 'Workers that one step may cost at one place before it is given up'),
  }),

  queues: z
    .partialRecord(z.enum(queueNames), z.object({ rateLimit: queueRateLimit.optional() }))
    .default({})
    .meta({
      description: 'Job starts over all workers, by queue. Not set: no limit',
      examples: [{ 'agent-steps': { rateLimit: { max: 100, duration: '1m' } } }],
    }),

  notifications: notificationSettings,
  intake: intakeSettings,

  publish: publishSettings,

  board: group('The queues in a browser', {
    host: address('127.0.0.1', 'Where the board listens'),
    port: count(3_737, 'Its port; `0` takes a free one', { min: 0, max: 65_535 }),
  }),
});

/** config.yaml. A partial file is fine; every key has its default and its meaning here and nowhere else. */
export const config = keys.superRefine((settings, context) => {
  for (const problem of routingProblems(settings)) context.addIssue({ code: 'custom', ...problem });
});
export type Config = z.infer<typeof config>;
