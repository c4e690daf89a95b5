import type { ProviderConfig } from '../../factory/finance/finance.ts';
import { keyInClearWarning, sendsKeyInClear } from '../../factory/finance/provider-checks.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Services } from '../../services.ts';
import type { CommandContext } from './context.ts';
import { dim, formatUsd, green, jsonText, type Text, yellow } from './output.ts';
import { scopeText } from './provider-scope.ts';
import { withKeyHint } from './provider-store.ts';
import { table } from './table.ts';
import { warner } from './warn.ts';

export async function run(context: CommandContext): Promise<number> {
  const services = await context.services();
  const { providers } = await services.state.providers().get();
  const spent = await spentOn(services, providers);
  const shown = await Promise.all(
    providers.map(async (each) => ({
      ...withCreditsLeft(await withKeyHint(services, each), spent),
      ...(sendsKeyInClear(each) ? { keyInClear: true } : {}),
    })),
  );
  if (!context.json)
    for (const each of providers) if (sendsKeyInClear(each)) warner(context)(keyInClearWarning(each));
  shown.sort((a, b) => a.priority - b.priority || a.id.localeCompare(b.id));
  if (context.json) {
    context.out.raw(jsonText(shown));
    return 0;
  }
  if (shown.length === 0) {
    context.out.line(`There are no providers yet. Add one; see: ${context.program} provider add --help`);
    return 0;
  }
  const limited = shown.some((each) => scopeText(each) !== '');
  context.out.line(
    table(
      [
        { head: 'id' },
        { head: 'model', width: 40 },
        { head: 'priority', align: 'right' },
        { head: 'credits bought', align: 'right' },
        { head: 'left', align: 'right' },
        { head: 'per million in/out' },
        { head: 'key', width: 30 },
        ...(limited ? [{ head: 'works for', width: 40 }] : []),
        { head: 'state' },
      ],
      shown.map((each) => [
        each.id,
        each.model,
        String(each.priority),
        each.creditsAvailable === undefined ? dim('no limit') : formatUsd(each.creditsAvailable),
        leftText(each),
        priceText(each),
        each.apiKey === '' ? dim('none') : each.apiKey,
        ...(limited ? [scopeText(each) || dim('all')] : []),
        stateText(each),
      ]),
      context.out.colour,
    ),
  );
  return 0;
}

/** A provider, and what is left of its credits by our own books where it has any. */
type Listed = ProviderConfig & { creditsLeft?: number };

/** `null`: a ledger cannot be read, so that nobody knows. Workers spend nothing meanwhile, and say which one it is. */
async function spentOn(
  services: Services,
  providers: readonly ProviderConfig[],
): Promise<ReadonlyMap<string, number> | null> {
  if (providers.every((each) => each.creditsAvailable === undefined)) return new Map();
  try {
    return await services.spentByProvider();
  } catch (error) {
    if (error instanceof DarkFactoryError) return null;
    throw error;
  }
}

function withCreditsLeft(provider: ProviderConfig, spent: ReadonlyMap<string, number> | null): Listed {
  const { id, creditsAvailable } = provider;
  if (spent === null || creditsAvailable === undefined) return provider;
  return { ...provider, creditsLeft: Math.max(0, creditsAvailable - (spent.get(id) ?? 0)) };
}

function leftText({ creditsAvailable, creditsLeft }: Listed): Text {
  if (creditsAvailable === undefined) return '';
  if (creditsLeft === undefined) return yellow('unknown');
  const text = formatUsd(creditsLeft);
  return creditsLeft > 0 ? text : yellow(text);
}

function priceText({ free, prices }: ProviderConfig): Text {
  if (free) return 'free';
  return prices === undefined ? dim('catalogue') : `${formatUsd(prices.input)} / ${formatUsd(prices.output)}`;
}

function stateText({ enabled, disabledReason, consecutiveFailures }: ProviderConfig): Text {
  if (!enabled)
    return yellow(disabledReason === undefined ? 'switched off' : `switched off: ${disabledReason}`);
  return consecutiveFailures === 0 ? green('ready') : yellow(`${consecutiveFailures} failures in a row`);
}
