import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { jsonText } from '../../render/output.ts';
import { forgetProvider } from './provider-store.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const id = requiredArgument(invocation);
  await forgetProvider(await context.services(), id);
  if (context.json) context.out.raw(jsonText({ removed: id }));
  else context.out.line(`Removed ${id} and its key.`);
  return 0;
}
