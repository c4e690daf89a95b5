import { formatBytes } from '../../lib/text/bytes.ts';
import { bytesToKeep, lacksDiskSpace } from '../model/disk-space.ts';
import { type Check, fail, ok, warn } from './check.ts';
import type { HealthFacts } from './facts.ts';
import { judgeVersions } from './versions.ts';

/** A job that waits for longer than this has too few workers, in milliseconds. */
const LONG_WAIT_MS = 10 * 60_000;

/** One list for `df health`, `/healthz`, the metrics and `df doctor`, which tries more. In the order in which they are shown. Pure. */
export function checksOf(facts: HealthFacts): Check[] {
  return [
    checkHalt(facts),
    checkRedis(facts),
    checkWorkers(facts),
    checkQueues(facts),
    checkState(facts),
    checkProviders(facts),
    facts.tiers.map(({ problem, remedy }) => warn('tiers', problem, remedy)),
    checkForges(facts),
    checkDisk(facts),
    checkMemory(facts),
    checkLocks(facts),
    checkSchedules(facts),
    checkProjects(facts),
  ].flat();
}

function checkHalt({ halted }: HealthFacts): Check {
  if (halted === null) return ok('halt', 'the emergency stop is off');
  return fail('halt', `the factory is halted: ${halted.reason}`, 'Go on with: df resume --all');
}

function checkRedis({ redis, redisProblem, redisRemedy }: HealthFacts): Check[] {
  if (redis === null)
    return [
      fail(
        'redis',
        redisProblem ?? 'Redis does not answer',
        redisRemedy ?? 'Look at redis.url in config.yaml',
      ),
    ];
  const detail = `${redis.version}, ${redis.policy}, persistence ${redis.persistence}, memory ${redis.memory}`;
  if (redis.memory === 'full')
    return [fail('redis', 'Redis is full and takes no jobs', 'Give it more memory, or set no maxmemory')];
  const warnings = redis.warnings.map((each) => warn('redis', each, `It is ${detail}`));
  return warnings.length > 0 ? warnings : [ok('redis', detail)];
}

/** Two versions side by side are safe, but the older one leaves to the newer what it does not know. */
function checkWorkers({ redis, workers, workerVersions, version, state }: HealthFacts): Check[] {
  // Redis away is told already.
  if (redis === null) return [];
  return [judgeWorkers(workers, workerVersions, version, state)];
}

function judgeWorkers(
  workers: HealthFacts['workers'],
  workerVersions: HealthFacts['workerVersions'],
  version: string,
  state: HealthFacts['state'],
): Check {
  if (workers === null || workerVersions === null)
    return warn(
      'workers',
      'workers are not known: Redis hides its clients',
      'Let the user of redis.url run CLIENT LIST',
    );
  const other = judgeVersions(version, workerVersions);
  if (other !== null) return warn('workers', other.problem, other.remedy);
  if (workers > 0) return ok('workers', `${workers} of version ${version}`);
  const open = (state?.open ?? 0) > 0;
  return open
    ? warn('workers', 'no worker is running, and projects are open', 'Start one: df up')
    : ok('workers', 'none is running');
}

function checkQueues({ queues, notUnderstood, halted }: HealthFacts): Check[] {
  if (queues === null) return [];
  const found: Check[] = [];
  for (const [name, { oldestWaitMs }] of Object.entries(queues))
    if (oldestWaitMs > LONG_WAIT_MS && halted === null)
      found.push(
        warn(
          'queues',
          `a job of ${name} has waited for ${Math.round(oldestWaitMs / 60_000)} minutes`,
          'Start more workers: df worker',
        ),
      );
  if (notUnderstood > 0) {
    const jobs = notUnderstood === 1 ? 'a job is' : `${notUnderstood} jobs are`;
    const detail = `${jobs} understood by no worker: a newer version of df made it`;
    found.push(warn('queues', detail, 'Upgrade the workers'));
  }
  return found.length > 0 ? found : [ok('queues', 'no job waits for long')];
}

function checkState({ state, stateProblem, unwritable }: HealthFacts): Check[] {
  const closed = unwritable.map(({ path, problem }) =>
    warn('state', `${path} cannot be written: ${problem}`, 'Let the user of the workers write there'),
  );
  if (state === null)
    return [fail('state', stateProblem ?? 'the state files cannot be read', 'Look at the home'), ...closed];
  const torn = state.unreadable.map(({ id, problem }) =>
    warn(
      'state',
      `project ${id}: ${problem}`,
      'Put the file back from a backup, or move the project folder away',
    ),
  );
  if (torn.length + closed.length > 0) return [...torn, ...closed];
  return [ok('state', `${state.projects} ${state.projects === 1 ? 'project' : 'projects'} can be read`)];
}

function checkForges({ forges }: HealthFacts): Check[] {
  return forges.map(({ id, why, until, refused }) =>
    warn(
      'forges',
      refused
        ? `nothing is asked of ${id}: ${why}`
        : `${id} is not asked before ${until.toISOString()}: ${why}`,
      refused
        ? `Look at it with df forge list; a new token: df forge set-token ${id}`
        : 'It is asked again by itself',
    ),
  );
}

function checkProviders({ providers, providersProblem, state }: HealthFacts): Check[] {
  const waiting = (state?.open ?? 0) > 0 ? '; projects wait' : '';
  if (providersProblem !== undefined)
    return [fail('providers', providersProblem, 'Correct that file, or put a copy of it back')];
  const add = 'Add one: df provider add --help';
  if (providers.length === 0) return [warn('providers', `no provider is there yet${waiting}`, add)];
  const troubled = providers.flatMap(({ id, state: is, consecutiveFailures }) => {
    if (is === 'failing')
      return [
        warn('providers', `${id} failed ${consecutiveFailures} times in a row`, `df provider probe ${id}`),
      ];
    if (is !== 'out_of_money') return [];
    return [warn('providers', `${id} is out of money`, `Top it up; it is probed and goes on by itself`)];
  });
  const ready = providers.filter((each) => each.state === 'ready').length;
  if (ready === 0) return [warn('providers', `no provider is usable now${waiting}`, add), ...troubled];
  return troubled.length > 0 ? troubled : [ok('providers', `${ready} ready`)];
}

/** Below what is to stay free new steps wait; above it nothing is wrong. */
function checkDisk({ disk, limits: { diskFree } }: HealthFacts): Check {
  if (disk === null) return warn('disk', 'it does not tell', 'Look at it with your system’s df');
  const detail = `${formatBytes(disk.free)} of ${formatBytes(disk.size)} free`;
  const remedy = 'Free some space, for example with `df clean`, or move DF_HOME to another disk';
  if (disk.free === 0) return fail('disk', `${detail}: nothing can be written`, remedy);
  if (!lacksDiskSpace(disk, diskFree)) return ok('disk', detail);
  const wanted = formatBytes(bytesToKeep(diskFree, disk.size));
  return warn('disk', `${detail}; ${wanted} are to stay free (limits.diskFree), so new steps wait`, remedy);
}

function checkMemory({ memory: { available, total }, limits }: HealthFacts): Check {
  const detail = `${formatBytes(available)} of ${formatBytes(total)} available`;
  if (1 - available / total <= limits.memory) return ok('memory', detail);
  return warn(
    'memory',
    `${detail}; fewer gates run (limits.memory)`,
    'Close other programs, or run fewer workers and gates',
  );
}

function checkSchedules({ schedules, schedulesProblem }: HealthFacts): Check[] {
  if (schedules === null)
    return [warn('schedules', schedulesProblem ?? 'schedules cannot be read', 'Look at the home')];
  const { count, troubled } = schedules;
  if (troubled.length > 0)
    return troubled.map(({ name, detail }) =>
      warn(
        'schedules',
        `${name} ${detail}`,
        `df schedule list says all; mend it, then: df schedule run ${name}`,
      ),
    );
  return count === 0 ? [] : [ok('schedules', `${count} can be read`)];
}

function checkLocks({ silentLocks }: HealthFacts): Check[] {
  return silentLocks.map(({ path, pid, silentMs }) => {
    const who = pid === null ? 'a program' : `process ${pid}`;
    const since = Math.round(silentMs / 1_000);
    const detail = `${who} holds ${path} and has given no sign for ${since} s`;
    return warn('locks', detail, 'It loses the lock to the next who asks');
  });
}

function checkProjects({ halted, stuck, withoutWorktree }: HealthFacts): Check[] {
  const still = (halted === null ? stuck : []).map(({ id, name, since }) =>
    warn(
      'projects',
      `${name} (${id}) shows no sign of work since ${since.toISOString()}`,
      `Look at it: df logs ${id.slice(0, 8)}`,
    ),
  );
  const gone = withoutWorktree.map(({ id, name, path, problem }) => {
    const whose = `the worktree of ${name} (${id})`;
    return problem === undefined
      ? warn('projects', `${whose} is gone`, 'Its next step makes it again from its branch')
      : warn(
          'projects',
          `${whose} cannot be worked in: ${problem}`,
          `Its next step mends it, or says what it misses; look at ${path} first if somebody worked there by hand`,
        );
  });
  return [...still, ...gone];
}
