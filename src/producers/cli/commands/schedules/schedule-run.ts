import type { CommandContext } from '../../framework/context.ts';
import { warnOfHalt } from '../../framework/halt.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { jsonText, yellow } from '../../render/output.ts';
import { enqueuedLines } from '../projects/enqueue.ts';

/** One whose projects are still open makes no others and says so, as the start of what runs already does. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const {
    schedule,
    run: made,
    projects,
  } = await services.schedules.runNow(requiredArgument(invocation), services.by);
  await warnOfHalt(context);
  const { out } = context;
  const { outcome, detail } = made;
  if (context.json) out.raw(jsonText({ schedule: schedule.name, outcome, detail, projects }));
  else if (outcome === 'made') for (const line of enqueuedLines(context, projects, false)) out.line(line);
  else out.line(yellow(`Nothing was made: ${detail}`));
  return 0;
}
