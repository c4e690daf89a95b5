import { EXIT_CODE } from '../../../../lib/failure.ts';
import { formatBytes } from '../../../../lib/text/bytes.ts';
import { examineHealth } from '../../../health/examine.ts';
import type { CommandContext } from '../../framework/context.ts';
import { green, jsonText, plural, red, yellow } from '../../render/output.ts';

const EXIT = { healthy: 0, degraded: EXIT_CODE.failed, not_ready: EXIT_CODE.environment } as const;

/** What a machine asks every minute. Exit code 0 healthy, 1 degraded, 4 not ready. `df doctor` looks deeper, by trying. */
export async function run(context: CommandContext): Promise<number> {
  const services = await context.services();
  const health = await examineHealth(services, context.env);
  if (context.json) {
    context.out.raw(jsonText(health));
    return EXIT[health.status];
  }
  const { out } = context;
  const { status, problems, redis, state, workers, disk, memory } = health;
  out.line({ healthy: green('healthy'), degraded: yellow('degraded'), not_ready: red('NOT READY') }[status]);
  for (const { severity, message } of problems)
    out.line([severity === 'not_ready' ? red('  ! ') : yellow('  - '), message]);
  out.line(
    [
      redis === null ? 'Redis away' : `Redis ${redis.version} in ${redis.latencyMs} ms`,
      workers === null ? 'workers unknown' : plural(workers, 'worker'),
      state === null ? 'state unreadable' : `${state.open} of ${plural(state.projects, 'project')} open`,
      disk === null ? 'disk unknown' : `${formatBytes(disk.free)} of disk free`,
      `${formatBytes(memory.available)} of memory available`,
    ].join(', '),
  );
  return EXIT[status];
}
