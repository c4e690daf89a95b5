import { ownerAct } from '../../../../factory/lifecycle/owner-act.ts';
import { countWorkers } from '../../../documents/workers.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { jsonText } from '../../render/output.ts';

/** Needs no Redis. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const { name } = await services.schedules.remove(requiredArgument(invocation));
  await ownerAct(services, 'schedule.changed', `The schedule ${name} was removed.`);
  if (await countWorkers(services, context.env)) await services.schedules.keep();
  if (context.json) context.out.raw(jsonText({ removed: name }));
  else context.out.line(`The schedule ${name} makes nothing any more; the projects that it made stay.`);
  return 0;
}
