import { findProvider } from '../../../../factory/finance/providers/providers.ts';
import type { ProviderConfig } from '../../../../factory/model/money/finance.ts';
import type { ListInfo } from '../../../../llm/price-list.ts';
import type { Services } from '../../../../services.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { dim, jsonText } from '../../render/output.ts';
import { table } from '../../render/table.ts';
import { knowledgeOf } from './model-text.ts';

/** Which list of prices holds, and what the providers cost by it or by their owner's word. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const { openPriceList } = await import('../../../../llm/price-list.ts');
  const list = openPriceList(services.home.priceListFile);
  const file = await services.state.providers().get();
  const [id] = invocation.args;
  const providers = id === undefined ? file.providers : [findProvider(file, id)];
  const shown = await Promise.all(providers.map((each) => priced(each, services)));
  if (context.json) {
    context.out.raw(jsonText({ ...list.info(), providers: shown }));
    return 0;
  }
  context.out.line(`Prices: ${listText(list.info())}.`);
  if (shown.length > 0) {
    context.out.line('US dollars per million tokens:');
    const amount = (value: number | undefined) => (value === undefined ? dim('?') : `$${value}`);
    context.out.line(
      table(
        [
          { head: 'id' },
          { head: 'model', width: 40 },
          ...['in', 'out'].map((head) => ({ head, align: 'right' as const })),
          ...['from cache', 'into cache'].map((head) => ({ head, align: 'right' as const, spare: 1 })),
          { head: 'source', wraps: true },
        ],
        shown.map(({ id, model, free, price }) => [
          ...[id, model, amount(price?.input), amount(price?.output)],
          ...[amount(price?.cacheRead), amount(price?.cacheWrite)],
          price?.source ?? (free ? 'free' : 'not known'),
        ]),
        context.out,
      ),
    );
  }
  context.out.line(`A newer list: ${context.program} prices update`);
  return 0;
}

async function priced(provider: ProviderConfig, services: Services) {
  const { id, model, free } = provider;
  return { id, model, free, price: (await knowledgeOf(provider, services)).price };
}

/** The list in words. */
export function listText({ source, date, url }: ListInfo): string {
  return source === 'installed'
    ? `the list of ${date} that is installed with the factory`
    : `the list that was fetched on ${date} from ${new URL(url ?? '').host}`;
}
