import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { jsonText } from '../../render/output.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const id = requiredArgument(invocation);
  await (await context.services()).financeApi.removeProvider(id);
  if (context.json) context.out.raw(jsonText({ removed: id }));
  else context.out.line(`Removed ${id} and its key.`);
  return 0;
}
