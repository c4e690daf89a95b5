import type { ProviderConfig } from '../../../../factory/model/money/finance.ts';
import { hasOwnModels } from '../../../../factory/model/money/vendors.ts';
import type { ModelFacts } from '../../../../factory/ports.ts';
import type { Listed } from '../../../../llm/facts/listed.ts';
import type { Services } from '../../../../services.ts';
import type { CommandContext } from '../../framework/context.ts';
import { formatCount, type Text } from '../../render/output.ts';

/** What is known of a provider's model, and which price holds for it. */
export interface ModelKnowledge {
  facts: ModelFacts;
  /** USD per million tokens: its owner's, or those of the list. `null`: free, or not known. */
  price: { input: number; output: number; cacheRead: number; cacheWrite: number; source: string } | null;
}

const PER_MILLION = 1_000_000;
/** Longer calls may cost more; the price of a short one is shown. */
const SHORT_CALL = 1_000;

export async function knowledgeOf(
  provider: ProviderConfig,
  { home }: Pick<Services, 'home'>,
): Promise<ModelKnowledge> {
  const [{ factsOf }, { openPriceList }] = await Promise.all([
    import('../../../../llm/facts/facts.ts'),
    import('../../../../llm/price-list.ts'),
  ]);
  const { priceOf, info } = openPriceList(home.priceListFile);
  const nothing = { input: 0, cacheWrite: 0, cacheRead: 0, output: 0 };
  const price = (bucket: keyof typeof nothing) =>
    ((priceOf(provider, { ...nothing, [bucket]: SHORT_CALL }) ?? 0) / SHORT_CALL) * PER_MILLION;
  const priced = !provider.free && priceOf(provider, { ...nothing, output: SHORT_CALL }) !== null;
  const rounded = (bucket: keyof typeof nothing) => Number(price(bucket).toPrecision(12));
  return {
    facts: factsOf(provider),
    price: priced
      ? {
          ...{ input: rounded('input'), output: rounded('output') },
          ...{ cacheRead: rounded('cacheRead'), cacheWrite: rounded('cacheWrite') },
          source: provider.prices === undefined ? `list of ${info().date}` : 'your own',
        }
      : null,
  };
}

/** Lines of `what: it`, the same in every command. */
export function knowledgeLines(provider: ProviderConfig, { facts, price: prices }: ModelKnowledge): Text[] {
  const tokens = (count: number | null) => (count === null ? 'not known' : `${formatCount(count)} tokens`);
  const efforts = Object.keys(facts.efforts);
  const chosen = provider.effort === undefined ? "the vendor's default" : provider.effort;
  const lines: [keyof ModelFacts, string, string][] = [
    ['api', 'API', API_NAMES[facts.api]],
    ['contextTokens', 'window', tokens(facts.contextTokens)],
    ['maxOutputTokens', 'longest output', tokens(facts.maxOutputTokens)],
    ['efforts', 'effort', efforts.length === 0 ? 'none to choose' : `${chosen} (has ${efforts.join(', ')})`],
    ['thinking', 'thinking', THINKING[facts.thinking]],
    ['caching', 'caching', CACHING[facts.caching]],
  ];
  const price =
    prices === null
      ? provider.free
        ? 'free'
        : 'not known'
      : `$${prices.input} in, $${prices.output} out, $${prices.cacheRead} from cache, $${prices.cacheWrite} into cache per million (${prices.source})`;
  return [
    ...lines.map(
      ([name, title, text]) => `  ${title}: ${text}${facts.assumed.includes(name) ? ' (assumed)' : ''}`,
    ),
    `  price: ${price}`,
  ];
}

export const API_NAMES = { responses: 'responses', chat: 'chat completions', messages: 'messages' };
const THINKING = {
  none: 'not asked for',
  always: 'always',
  adaptive: 'as much as it finds right',
  budget: 'within a number of tokens',
};
const CACHING = { none: 'none', automatic: 'by the vendor itself', marked: 'what the factory marks' };

/** What its endpoint's list of models says; `null` where it has none, or is no endpoint of that kind. */
export async function askEndpoint(
  provider: { name: string; model: string } & Partial<Record<'baseUrl' | 'adapter', string | undefined>>,
  apiKey: string,
  { clock }: Pick<Services, 'clock'>,
): Promise<Listed | null> {
  if (hasOwnModels(provider.name) || provider.baseUrl === undefined || provider.adapter !== undefined)
    return null;
  const { askListed } = await import('../../../../llm/facts/listed.ts');
  return askListed(provider, apiKey, clock.now());
}

/** A name that the endpoint does not list: it may serve it all the same. */
export function unlistedHint(model: string, near: readonly string[]): string {
  const guess = near.length === 0 ? '' : `; nearest: ${near.join(', ')}`;
  return `hint: the endpoint does not list a model "${model}"${guess}.`;
}

export async function tellKnowledge(context: CommandContext, provider: ProviderConfig): Promise<void> {
  const { doubts } = await import('../../../../llm/facts/judge.ts');
  for (const doubt of doubts(provider)) context.err.line(`hint: ${doubt}`);
  if (context.json) return;
  for (const line of knowledgeLines(provider, await knowledgeOf(provider, await context.services())))
    context.out.line(line);
}
