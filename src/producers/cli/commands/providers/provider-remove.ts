import { tierProblems } from '../../../../factory/finance/routing/tiers.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { warner } from '../../framework/warn.ts';
import { jsonText } from '../../render/output.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const id = requiredArgument(invocation);
  const { financeApi, config, state } = await context.services();
  await financeApi.removeProvider(id);
  for (const { problem, remedy } of tierProblems(config.tiers, (await state.providers().get()).providers))
    warner(context)(`${problem}. ${remedy}.`);
  if (context.json) context.out.raw(jsonText({ removed: id }));
  else context.out.line(`Removed ${id} and its key.`);
  return 0;
}
