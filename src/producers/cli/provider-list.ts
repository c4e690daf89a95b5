import type { ProviderConfig } from '../../factory/finance/finance.ts';
import type { CommandContext } from './context.ts';
import { dim, formatUsd, green, jsonText, type Text, yellow } from './output.ts';
import { withKeyHint } from './provider-store.ts';
import { table } from './table.ts';

export async function run(context: CommandContext): Promise<number> {
  const services = await context.services();
  const { providers } = await services.state.providers().get();
  const shown = await Promise.all(providers.map((each) => withKeyHint(services, each)));
  shown.sort((a, b) => a.priority - b.priority || a.id.localeCompare(b.id));
  if (context.json) {
    context.out.raw(jsonText(shown));
    return 0;
  }
  if (shown.length === 0) {
    context.out.line(`There are no providers yet. Add one; see: ${context.program} provider add --help`);
    return 0;
  }
  context.out.line(
    table(
      [
        { head: 'id' },
        { head: 'model', width: 40 },
        { head: 'priority', align: 'right' },
        { head: 'credits bought', align: 'right' },
        { head: 'per million in/out' },
        { head: 'key', width: 30 },
        { head: 'state' },
      ],
      shown.map((each) => [
        each.id,
        each.model,
        String(each.priority),
        each.creditsAvailable === undefined ? dim('no limit') : formatUsd(each.creditsAvailable),
        priceText(each),
        each.apiKey === '' ? dim('none') : each.apiKey,
        stateText(each),
      ]),
      context.out.colour,
    ),
  );
  return 0;
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
