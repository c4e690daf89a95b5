/** What `df setup` may set; everything else stays at its default, as a comment. */
export interface ConfigChoices {
  redisUrl?: string;
  /** For example `12h`. */
  maxRuntime?: string;
  personas?: readonly string[];
}

/**
 * config.yaml with every key and its default. What was not chosen is a comment, so that a later version's better default
 * takes effect by itself.
 */
export function configTemplate({ redisUrl, maxRuntime, personas }: ConfigChoices): string {
  const chosen = (line: string, wanted: string | undefined) => (wanted === undefined ? `# ${line}` : wanted);
  return `# Dark Factory. Every key is optional; a commented line shows its default.
# Durations: 500ms, 45s, 30m, 12h.

${chosen('defaultMaxRuntime: 12h', maxRuntime && `defaultMaxRuntime: ${maxRuntime}`)}
${chosen('defaultPersonas: [engineer]', personas && `defaultPersonas: ${JSON.stringify(personas)}`)}
# pollingInterval: 5m        # how often an empty provider account is tried again
# auditInterval: 30m         # how often a judge looks at the tasks of a running project
# logLevel: info             # debug, info, warn, error
# dataDir: ~/.dark-factory/data

${redisUrl === undefined ? '# redis:\n#   url: redis://127.0.0.1:6379   # default: an embedded Redis, started when needed' : `redis:\n  url: ${JSON.stringify(redisUrl)}`}

# sandbox:
#   mode: auto               # auto, bubblewrap, unshare, sandbox-exec, off (at your own risk)
#   commandTimeout: 10m
#   maxProcesses: 512
#   memory: 4294967296       # bytes, of a command with all its children
#   fileSize: 2147483648
#   diskReserve: 1073741824  # commands end before less than this is free
#   outputSize: 67108864
#   tmpSize: 1073741824
#   passEnv: []              # environment variables that commands may see; never keys
#   readOnlyPaths: []        # more folders that commands may read
#   setupNetwork: false      # the set-up of a worktree (dependency install) may use the network

# agent:
#   contextTokens: 128000
#   compactAt: 0.75          # share of the context window at which the older part is summarised
#   idleTurns: 20            # turns without any change before the agent is warned
#   modelIdleTimeout: 2m
#   modelTimeout: 15m

# gates:
#   timeout: 15m
#   maxRounds: 10
#   allowChanges: false      # agents may change test, lint and build definitions
#   knownFailures: block     # allow: failures that the base commit has already do not stop a gate
#   missing: skip            # fail: a linter or formatter that the repository does not have is asked for all the same

# worktree:
#   copy: []                 # untracked files that every new worktree gets: [.env]
#   link: []                 # untracked files and folders that every worktree shows read-only: [fixtures/large]
#   setup: npm ci            # set-up of projects without --setup; default: the install of what the repository declares
#   teardown: make stop      # run in the sandbox before a worktree is removed; default: nothing
#   keep: none               # worktrees of ended projects that stay: none, failed, all
#   cache:                   # packages that set-ups installed, for the next project with the same lock file
#     size: 10737418240
#     age: 14d

# secrets:                   # commits with keys in them wait until they are out
#   scan: true
#   allow: []                # regular expressions on paths or on what was found

# audits:
#   maxRounds: 5

# budgets:                   # US dollars, over all projects; default: none
#   perDay: 20
#   perHour: 5

# decisions:
#   confidenceThreshold: 0.7 # a surer agent takes its best option without a fork
#   minOptionConfidence: 0.2 # options below it are not tried
#   minOptions: 2
#   maxBranches: 2           # options that are built side by side
#   maxDepth: 2              # forks within forks
#   maxProjects: 6           # in one tree, the root included
#   merge: auto              # manual: look with df compare, take one with df merge
#   record: false            # commit docs/decisions/NNNN-….md with a merge

# workers:
#   concurrency: 8           # steps at once in one worker process
#   lockDuration: 30s
#   grace: 30s               # how long steps may go on after SIGTERM

# limits:
#   diskFree: 10%            # bytes or a share; with less room what ended is cleaned up and new steps wait
#   cleanAfter: 7d           # then outputs, logs and kept worktrees older than this go
#   memory: 0.8              # share in use above which fewer gates run at once
#   crashes: 3               # workers that one step may cost before it is given up

# queues:                    # job starts over all workers, by queue; default: no limit
#   agent-steps: { rateLimit: { max: 100, duration: 1m } }

# notifications: []        # whom to tell of what; see the README, and try them with df notify test

# board:
#   host: 127.0.0.1
#   port: 3737
`;
}
