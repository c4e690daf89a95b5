import * as z from 'zod';
import { duration } from './duration-setting.ts';
import { gitSettings } from './git-settings.ts';
import { limits } from './limits.ts';
import { notificationTarget } from './notification-target.ts';
import { isRegularExpression } from './secret-patterns.ts';

const MIB = 1024 * 1024;

/** Relative, without `.`, `..` and `.git`. */
const pathInCheckout = z
  .string()
  .regex(
    /^(?!\/)(?!(?:.*\/)?\.{0,2}(?:\/|$))(?!(?:.*\/)?\.git(?:\/|$))[^\\\0]+$/,
    'no relative path of a file',
  );

/** The queues, by the names that jobs are enqueued under. */
const queueName = z.enum([
  'projects',
  'agent-steps',
  'quality-gates',
  'audits',
  'provider-probes',
  'notifications',
]);

/** At most `max` job starts in `duration`, over all workers and machines. */
const queueRateLimit = z.object({ max: z.number().int().positive(), duration: duration('1s') });

/** config.yaml. A partial file is fine; every key has its default here and nowhere else. */
export const config = z.object({
  dataDir: z.string().optional(),
  defaultMaxRuntime: duration('12h'),
  defaultPersonas: z.array(z.string().min(1)).min(1).default(['engineer']),
  pollingInterval: duration('5m'),
  auditInterval: duration('30m'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),

  redis: z
    .object({
      url: z.string().optional(),
      /** Keys start with this; two homes on one Redis need two prefixes. Missing: made from the home's id. */
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,64}$/)
        .optional(),
    })
    .prefault({}),

  sandbox: z
    .object({
      /** `off` is the owner's own risk; status and report then say so. */
      mode: z.enum(['auto', 'bubblewrap', 'unshare', 'sandbox-exec', 'off']).default('auto'),
      commandTimeout: duration('10m'),
      maxProcesses: z.number().int().positive().default(512),
      memory: z
        .number()
        .int()
        .positive()
        .default(4096 * MIB),
      fileSize: z
        .number()
        .int()
        .positive()
        .default(2048 * MIB),
      /** A command that writes while less than this is free on the worktree's disk is ended. */
      diskReserve: z
        .number()
        .int()
        .nonnegative()
        .default(1024 * MIB),
      outputSize: z
        .number()
        .int()
        .positive()
        .default(64 * MIB),
      tmpSize: z
        .number()
        .int()
        .positive()
        .default(1024 * MIB),
      /** Names of host environment variables that commands may see; keys and tokens do not belong here. */
      passEnv: z.array(z.string()).default([]),
      /** Extra folders that commands may read. */
      readOnlyPaths: z.array(z.string()).default([]),
      /** The set-up phase (dependency install) may use the network. */
      setupNetwork: z.boolean().default(false),
    })
    .prefault({}),

  agent: z
    .object({
      /** Longest reply. Missing: as long as suits the model. */
      maxOutputTokens: z.number().int().positive().optional(),
      contextTokens: z.number().int().positive().default(128_000),
      /** Share of the context window at which the older part is summarised. */
      compactAt: z.number().min(0.1).max(0.95).default(0.75),
      /** Turns without a change of tree, task or gate before the agent is warned; twice that: fresh context; thrice: blocked. */
      idleTurns: z.number().int().positive().default(20),
      /** Nothing arrives from the provider for this long: the call is cut. */
      modelIdleTimeout: duration('2m'),
      /** One call never takes longer. */
      modelTimeout: duration('15m'),
    })
    .prefault({}),

  gates: z
    .object({
      timeout: duration('15m'),
      maxRounds: z.number().int().positive().default(10),
      /** Gates at once on one machine, over all workers. Missing: one per two cores, as far as memory allows. */
      concurrency: z.number().int().positive().optional(),
      /** Agents may change what decides about their work, tests included. */
      allowChanges: z.boolean().default(false),
      /** `allow`: failures that the base commit has already do not stop a gate; a new one always does. */
      knownFailures: z.enum(['block', 'allow']).default('block'),
      /** A linter or formatter that the repository does not have: `skip` leaves the check out and says so. */
      missing: z.enum(['skip', 'fail']).default('skip'),
    })
    .prefault({}),

  worktree: z
    .object({
      /** Files of the owner's checkout that git does not track and every new worktree gets: `.env`. */
      copy: z.array(pathInCheckout).default([]),
      /** Files and folders of the owner's checkout that commands find read-only in every worktree. */
      link: z.array(pathInCheckout).default([]),
      /** Set-up of projects that were given none. Missing: the install that belongs to what the repository declares. */
      setup: z.string().min(1).optional(),
      /** Run in the sandbox before a worktree is removed. */
      teardown: z.string().min(1).optional(),
      /** Worktrees of ended projects that stay: none, those that did not complete, or all. Their branches always do. */
      keep: z.enum(['none', 'failed', 'all']).default('none'),
      /** What set-ups made is kept for the next project: at most so many bytes, and so long after it was last used. */
      cache: z
        .object({
          size: z
            .number()
            .int()
            .nonnegative()
            .default(10 * 1024 * MIB),
          age: duration('14d'),
        })
        .prefault({}),
    })
    .prefault({}),

  /** Commits are looked through for keys and passwords before they are made. */
  secrets: z
    .object({
      scan: z.boolean().default(true),
      /** Regular expressions; what one of them matches, by its path or by itself, is no secret. */
      allow: z.array(z.string().min(1).refine(isRegularExpression, 'no regular expression')).default([]),
    })
    .prefault({}),

  privacy: z
    .object({
      /** Journals and outputs are encrypted from now on; what was written before stays as it is. */
      encrypt: z.boolean().default(false),
    })
    .prefault({}),

  git: gitSettings,

  audits: z
    .object({
      /** Closing audits that may find open work before the project ends as failed. */
      maxRounds: z.number().int().positive().default(5),
      /** Turns in which the judge of one task may look before it must answer. */
      judgeTurns: z.number().int().nonnegative().max(50).default(8),
    })
    .prefault({}),

  budgets: z
    .object({
      perDay: z.number().positive().finite().optional(),
      perHour: z.number().positive().finite().optional(),
    })
    .prefault({}),

  decisions: z
    .object({
      confidenceThreshold: z.number().min(0).max(1).default(0.7),
      minOptionConfidence: z.number().min(0).max(1).default(0.2),
      minOptions: z.number().int().min(2).default(2),
      maxBranches: z.number().int().min(2).default(2),
      /** Forks within forks: a project this deep takes the best option instead. 0: never fork. */
      maxDepth: z.number().int().min(0).default(2),
      /** Projects in one tree, the root included; a fork that would need more takes the best option instead. */
      maxProjects: z.number().int().min(1).default(6),
      /** `manual`: the owner looks with `df compare` and takes one with `df merge`. */
      merge: z.enum(['auto', 'manual']).default('auto'),
      /** Commit a record of the decision as docs/decisions/NNNN-….md with the merge. */
      record: z.boolean().default(false),
    })
    .prefault({}),

  workers: z
    .object({
      /** Steps at once in one worker process. */
      concurrency: z.number().int().positive().default(8),
      /** A worker that gives no sign for this long has lost its jobs to the others. */
      lockDuration: duration('30s'),
      stalledInterval: duration('10s'),
      /** How often lost jobs are looked for. */
      reconcileInterval: duration('10s'),
      /** After SIGTERM: how long steps may go on before they are interrupted. */
      grace: duration('30s'),
      /** Running steps save their active time this often. */
      heartbeat: duration('5s'),
    })
    .prefault({}),

  /** What the machine bears, and what is done about it. */
  limits,

  /** Missing ones are not limited. */
  queues: z.partialRecord(queueName, z.object({ rateLimit: queueRateLimit.optional() })).default({}),

  /** Whom to tell of what: webhooks, chats, a command. */
  notifications: z.array(notificationTarget).max(20).default([]),

  board: z
    .object({
      host: z.string().default('127.0.0.1'),
      port: z.number().int().min(0).max(65_535).default(3_737),
    })
    .prefault({}),
});
export type Config = z.infer<typeof config>;
