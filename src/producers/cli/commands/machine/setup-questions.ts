import { cancel, intro, isCancel, outro, text } from '@clack/prompts';
import { parseDuration } from '../../../../lib/duration.ts';
import { usageError } from '../../../../lib/failure.ts';
import type { ConfigChoices } from '../../../../state/home/config-template.ts';

/** Asks for what the flags did not say. Only for a terminal. Throws `usage`/`cancelled` after Ctrl-C. */
export async function askForChoices(given: ConfigChoices): Promise<ConfigChoices> {
  intro('Dark Factory');
  const maxRuntime =
    given.maxRuntime ??
    (await question('How long may a project work at most?', '12h', (value) =>
      parseDuration(value) === null ? 'Write for example 12h or 90m' : undefined,
    ));
  const personas =
    given.personas ??
    (
      await question('Which personas work on a project, in order?', 'engineer', (value) =>
        value.split(',').every((part) => part.trim() !== '') ? undefined : 'Separate names by commas',
      )
    )
      .split(',')
      .map((part) => part.trim());
  const redisUrl =
    given.redisUrl ??
    (await question('Address of a Redis (empty: one of its own is started when needed)', '', (value) =>
      value === '' || /^(rediss?|unix):\/\//.test(value) ? undefined : 'Write redis://host:6379, or nothing',
    ));
  outro('That is all.');
  return { maxRuntime, personas, ...(redisUrl === '' ? {} : { redisUrl }) };
}

async function question(
  message: string,
  fallback: string,
  problem: (value: string) => string | undefined,
): Promise<string> {
  const answer = await text({
    message,
    placeholder: fallback,
    defaultValue: fallback,
    validate: (value) => problem(value === undefined || value === '' ? fallback : value),
  });
  if (!isCancel(answer)) return answer;
  cancel('Nothing was written.');
  throw usageError('cancelled', 'The questions were not answered', 'Run it again, or with --yes');
}
