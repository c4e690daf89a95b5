import { parseDuration } from '../../../../lib/duration.ts';
import { isFailure } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import type { ConfigChoices } from '../../../../state/home/config-template.ts';
import { askText } from '../../framework/ask.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warner } from '../../framework/warn.ts';
import { requirePersonas } from './setup-personas.ts';

/** Asks for what the flags did not say, and tries each answer at once. Only for a terminal. */
export async function askForChoices(
  context: CommandContext,
  services: Services,
  given: ConfigChoices,
): Promise<ConfigChoices> {
  const maxRuntime =
    given.maxRuntime ??
    (await askText('How long may a project work at most?', {
      fallback: '12h',
      problem: (value) => (parseDuration(value) === null ? 'Write for example 12h or 90m' : undefined),
    }));
  const personas =
    given.personas ??
    names(
      await untilGood(context, 'Which personas work on a project, in order?', 'engineer', (value) =>
        requirePersonas(context, services, names(value)),
      ),
    );
  const redisUrl =
    given.redisUrl ??
    (await untilGood(context, 'Address of a Redis? Of its own, one is started when needed', OWN, (value) =>
      value === OWN ? Promise.resolve() : requireRedis(context, value),
    ));
  return { maxRuntime, personas, ...(redisUrl === OWN ? {} : { redisUrl }) };
}

/** What stands for no address. */
const OWN = 'its own';

const names = (text: string) => text.split(',').map((part) => part.trim());

async function untilGood(
  context: CommandContext,
  message: string,
  fallback: string,
  check: (value: string) => Promise<void>,
): Promise<string> {
  for (;;) {
    const value = await askText(message, { fallback });
    try {
      await check(value);
      return value;
    } catch (error) {
      if (!isFailure(error)) throw error;
      warner(context)(error.message);
    }
  }
}

/** One that does not answer, or is no Redis, throws what `df doctor` would say of it. */
async function requireRedis({ env }: CommandContext, url: string): Promise<void> {
  const { createServices } = await import('../../../../services.ts');
  const services = await createServices({ env: { ...env, REDIS_URL: url } });
  try {
    await services.redis();
  } finally {
    await services.close();
  }
}
