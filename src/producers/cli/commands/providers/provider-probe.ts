import { updateProvider } from '../../../../factory/finance/providers/provider-update.ts';
import { findProvider } from '../../../../factory/finance/providers/providers.ts';
import { ownerAct } from '../../../../factory/lifecycle/owner-act.ts';
import type { ProviderConfig } from '../../../../factory/model/money/finance.ts';
import type { ProbeResult } from '../../../../factory/ports.ts';
import { expecting } from '../../../../lib/errno.ts';
import { EXIT_CODE, isFailure } from '../../../../lib/failure.ts';
import { nearest } from '../../../../lib/text/nearest.ts';
import type { Services } from '../../../../services.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { formatCount, formatUsd, green, jsonText, red, yellow } from '../../render/output.ts';
import { API_NAMES, askEndpoint, knowledgeLines, knowledgeOf } from './model-text.ts';

/** Exit code 1 when the provider does not answer as it should. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const id = requiredArgument(invocation);
  const before = findProvider(await services.state.providers().get(), id);
  const { provider, unlisted } = await withListed(services, before);
  const result = await (await services.finance()).probeProvider(id);
  const found = result.healthy ? 'healthy' : 'not healthy';
  await ownerAct(services, 'provider.probed', `Provider ${id} was probed by its owner and is ${found}.`, {
    ...{ provider: id, healthy: result.healthy, cost: result.cost },
  });
  const knowledge = await knowledgeOf(provider, services);
  const findings = [...(await wouldFail(provider, result)), ...unlisted];
  if (context.json) {
    context.out.raw(jsonText({ providerId: id, ...result, ...knowledge, findings }));
    return result.healthy ? 0 : EXIT_CODE.failed;
  }
  const state = result.healthy ? green('healthy') : red('not healthy');
  context.out.line([state, `  ${result.detail} (${costText(result.cost)})`]);
  for (const line of knowledgeLines(provider, knowledge)) context.out.line(line);
  if (result.seen !== undefined) context.out.line(`  seen: ${seenText(result.seen)}`);
  for (const finding of findings) context.out.line(['  ', yellow('would fail'), `: ${finding}`]);
  return result.healthy ? 0 : EXIT_CODE.failed;
}

/** The provider with what its endpoint's list says of the model now. */
async function withListed(
  services: Services,
  provider: ProviderConfig,
): Promise<{ provider: ProviderConfig; unlisted: string[] }> {
  const answer = await askEndpoint(provider, await keyOf(services, provider), services);
  if (answer === null) return { provider, unlisted: [] };
  const { names, reported } = answer;
  const near = nearest(provider.model, names);
  const guess = near.length === 0 ? '' : `; nearest: ${near.join(', ')}`;
  const unlisted =
    names.length === 0 || names.includes(provider.model)
      ? []
      : [`its endpoint does not list a model "${provider.model}"${guess}`];
  const { at: _, ...sizes } = reported ?? { at: undefined };
  const { at: __, ...known } = provider.reported ?? { at: undefined };
  if (reported === undefined || JSON.stringify(sizes) === JSON.stringify(known))
    return { provider, unlisted };
  const after = await services.state
    .providers()
    .update((file) => updateProvider(file, provider.id, { reported }));
  return { provider: findProvider(after, provider.id), unlisted };
}

/** Empty where it cannot be opened: the probe itself says why. */
async function keyOf({ vault }: Services, { id, apiKey }: ProviderConfig): Promise<string> {
  return vault.open(id, apiKey).catch(expecting(isFailure, ''));
}

/** What the work would meet with this model, though it can be reached. */
async function wouldFail(provider: ProviderConfig, { seen }: ProbeResult): Promise<string[]> {
  const { unfitReason } = await import('../../../../llm/facts/facts.ts');
  const unfit = unfitReason(provider);
  const found = unfit === undefined ? [] : [unfit];
  if (seen !== undefined && seen.calls === 0 && !seen.cut) {
    found.push('it called no tool although it was asked to: agents work by tools alone');
  }
  return found;
}

function seenText({ calls, cut, usage, insteadOn }: NonNullable<ProbeResult['seen']>): string {
  const { cacheRead, cacheWrite, input, output } = usage;
  const cache =
    cacheRead + cacheWrite === 0
      ? 'no caching'
      : `cache (${formatCount(cacheRead)} tokens from it, ${formatCount(cacheWrite)} into it)`;
  const made = calls > 0 ? 'a call of a tool' : cut ? 'only thoughts, up to the limit of a probe' : 'text';
  const where =
    insteadOn === undefined ? '' : `; it answers on ${API_NAMES[insteadOn]} alone: --api ${insteadOn}`;
  const tokens = `${formatCount(input + cacheRead + cacheWrite)} tokens in, ${formatCount(output)} out`;
  return `${made}, ${tokens}, ${cache}${where}`;
}

/** What costs less than a cent, as a part of one. */
function costText(usd: number): string {
  if (usd === 0 || usd >= 0.01) return formatUsd(usd);
  const cents = (usd * 100).toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return `${cents} cents`;
}
