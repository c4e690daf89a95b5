import { randomUUID } from 'node:crypto';
import { ownerAct } from '../../../../factory/lifecycle/owner-act.ts';
import type { ProviderConfig } from '../../../../factory/model/money/finance.ts';
import type { PriceOf } from '../../../../factory/ports.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import { removeQuietly, replaceFile } from '../../../../state/files/files.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { jsonText, plural } from '../../render/output.ts';
import { listText } from './prices.ts';

const SAMPLE = { input: 1_000, cacheWrite: 1_000, cacheRead: 1_000, output: 1_000 };

/** Fetches the newest list of prices; running workers take it up. The old one stays where the new one is of no use. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const { fetchPriceList, openPriceList, PRICE_LIST_URL } = await import('../../../../llm/price-list.ts');
  const file = services.home.priceListFile;
  const url = textOption(invocation, 'url') ?? PRICE_LIST_URL;
  const list = await fetchPriceList(url, services.clock.now());
  await services.home.prepare();
  const { providers } = await services.state.providers().get();
  const before = pricedIds(providers, openPriceList(file).priceOf);
  // Tried beside the one that holds: what is paid by it now must not lose its price in the night.
  const trial = `${file}.${randomUUID()}`;
  const text = JSON.stringify(list);
  await replaceFile(trial, text, `${trial}.new`);
  const after = pricedIds(providers, openPriceList(trial).priceOf);
  const lost = [...before].filter((id) => !after.has(id));
  if (lost.length > 0) {
    await removeQuietly(trial);
    throw new DarkFactoryError(
      'failed',
      'prices_incomplete',
      `The new list has no price for the models of ${lost.join(', ')}`,
      'The old list holds on. Give them prices of your own first: df provider update ID --price-in X --price-out Y.',
    );
  }
  await replaceFile(file, text, `${file}.${randomUUID()}`);
  await removeQuietly(trial);
  const models = list.providers.reduce((sum, each) => sum + each.models.length, 0);
  const info = openPriceList(file).info();
  await ownerAct(services, 'prices.updated', `A new list of prices was fetched (${models} models).`, {
    ...{ url, models },
  });
  if (context.json) context.out.raw(jsonText({ ...info, models }));
  else context.out.line(`Prices: ${listText(info)} (${plural(models, 'model')}).`);
  return 0;
}

function pricedIds(providers: readonly ProviderConfig[], priceOf: PriceOf): Set<string> {
  const isPriced = (provider: ProviderConfig) => {
    try {
      return priceOf(provider, SAMPLE) !== null;
    } catch {
      // A price that the list gives in half is none.
      return false;
    }
  };
  return new Set(providers.filter(isPriced).map(({ id }) => id));
}
