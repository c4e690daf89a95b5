import type { KeyChoice } from '../../../../factory/finance/providers/key-choice.ts';
import type { ProviderOrder } from '../../../../factory/finance/providers/provider-order.ts';
import {
  hasOwnModels,
  VENDOR_NAMES,
  type Vendor,
  vendorRecord,
  wantsKey,
} from '../../../../factory/model/money/vendors.ts';
import { isFailure } from '../../../../lib/failure.ts';
import type { KeyAnswer } from '../../../../llm/facts/listed.ts';
import type { Services } from '../../../../services.ts';
import { askText, askWhich, askYesNo } from '../../framework/ask.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warner } from '../../framework/warn.ts';
import { askKey, keyInEnvironment } from '../providers/provider-input.ts';
import { storeProvider } from '../providers/provider-store.ts';

const LATER = 'later';

/**
 * Asks for the first provider, whose key is tried at once, and adds it. Only for a terminal.
 *
 * @returns its id, `null` where its owner wants none yet
 */
export async function askForProvider(context: CommandContext, services: Services): Promise<string | null> {
  const chosen = await askWhich('Whose model does the work?', [
    ...VENDOR_NAMES.map((vendor) => ({
      value: vendor,
      label: vendorRecord(vendor).title,
      hint: setHint(keyInEnvironment(vendor, context.env)),
    })),
    { value: LATER, label: 'Nobody yet: I add one later' },
  ]);
  const name = VENDOR_NAMES.find((each) => each === chosen);
  if (name === undefined) return null;
  const endpoint = hasOwnModels(name) ? {} : { baseUrl: await askUrl() };
  const { key, answer } = await askGoodKey(context, { name, ...endpoint });
  for (;;) {
    const model = await askModel(answer);
    const free = !hasOwnModels(name) && (await askYesNo('Does it cost nothing, as a model of your own?'));
    const terms = hasOwnModels(name) || free ? { free } : await askPrices();
    try {
      const order: ProviderOrder = { name, model, key, ...endpoint, ...terms };
      const { id } = await storeProvider(services, order);
      context.err.line(`Added ${id}.`);
      return id;
    } catch (error) {
      if (!isFailure(error) || error.kind !== 'usage') throw error;
      warner(context)(error.message);
    }
  }
}

const askUrl = () =>
  askText('At which address?', {
    fallback: 'http://127.0.0.1:11434/v1',
    problem: (text) =>
      URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
        ? undefined
        : 'Write http://… or https://…',
  });

async function askGoodKey(
  context: CommandContext,
  provider: { name: Vendor; baseUrl?: string },
): Promise<{ key: KeyChoice; answer: KeyAnswer }> {
  const { askWithKey } = await import('../../../../llm/facts/listed.ts');
  const warn = warner(context);
  const wanted = wantsKey(provider.name) || (await askYesNo('Does it want a key?'));
  let found = keyInEnvironment(provider.name, context.env);
  for (;;) {
    const key: KeyChoice = wanted ? await askKey(found) : { kind: 'none' };
    const plain = key.kind === 'sealed' ? key.key : key.kind === 'none' ? '' : context.env[key.variable];
    const answer = await askWithKey(provider, plain ?? '');
    if (answer.taken === false && wanted) {
      warn('It was asked for its models and refuses this key.');
      found = undefined;
      continue;
    }
    if (answer.taken !== true)
      warn('It does not answer when it is asked for its models, so nothing could be checked.');
    return { key, answer };
  }
}

async function askModel({ names }: KeyAnswer): Promise<string> {
  if (names.length === 0) return askText('Which model?');
  const choices = names.map((value) => ({ value }));
  return askWhich('Which model?', choices);
}

async function askPrices(): Promise<{ priceIn: number; priceOut: number }> {
  const problem = (text: string) =>
    /^\d+(\.\d+)?$/.test(text) ? undefined : 'Write a number, for example 0.5';
  const priceIn = Number(await askText('US dollars per million tokens that it reads?', { problem }));
  const priceOut = Number(await askText('US dollars per million tokens that it writes?', { problem }));
  return { priceIn, priceOut };
}

const setHint = (variable: string | undefined) => (variable === undefined ? '' : `${variable} is set`);
