import { findProvider } from '../../factory/finance/providers.ts';
import { EXIT_CODE } from '../../lib/failure.ts';
import type { CommandContext } from './context.ts';
import { type Invocation, requiredArgument } from './options.ts';
import { ownerAct } from './owner-act.ts';
import { formatUsd, green, jsonText, red } from './output.ts';

/** Exit code 1 when the provider does not answer as it should. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const id = requiredArgument(invocation);
  findProvider(await services.state.providers().get(), id);
  const result = await (await services.finance()).probeProvider(id);
  const found = result.healthy ? 'healthy' : 'not healthy';
  await ownerAct(services, 'provider.probed', `Provider ${id} was probed by its owner and is ${found}.`, {
    ...{ provider: id, healthy: result.healthy, cost: result.cost },
  });
  if (context.json) context.out.raw(jsonText({ providerId: id, ...result }));
  else {
    const state = result.healthy ? green('healthy') : red('not healthy');
    context.out.line([state, `  ${result.detail} (${formatUsd(result.cost)})`]);
  }
  return result.healthy ? 0 : EXIT_CODE.failed;
}
