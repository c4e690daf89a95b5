import { removeProvider } from '../../factory/finance/providers.ts';
import type { CommandContext } from './context.ts';
import { type Invocation, requiredArgument } from './options.ts';
import { jsonText } from './output.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state } = await context.services();
  const id = requiredArgument(invocation);
  await state.providers().update((file) => removeProvider(file, id));
  if (context.json) context.out.raw(jsonText({ removed: id }));
  else context.out.line(`Removed ${id} and its key.`);
  return 0;
}
