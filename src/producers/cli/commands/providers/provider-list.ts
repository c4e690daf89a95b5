import { summariseCosts } from '../../../../factory/finance/books/costs.ts';
import { LEAST_CALL } from '../../../../factory/finance/calls/estimate.ts';
import { keyProblem, paysFor } from '../../../../factory/finance/calls/nobody.ts';
import { FACTORY } from '../../../../factory/finance/deps.ts';
import { keyInClearWarning, sendsKeyInClear } from '../../../../factory/finance/providers/provider-checks.ts';
import { isOnTrial } from '../../../../factory/finance/providers/select.ts';
import type { ProviderConfig } from '../../../../factory/model/finance.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import { createProcesses } from '../../../../lib/process/process.ts';
import type { Services } from '../../../../services.ts';
import { openFactoryLogs } from '../../../../state/logs/factory-logs.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warner } from '../../framework/warn.ts';
import { dim, formatMoment, formatUsd, green, jsonText, type Text, yellow } from '../../render/output.ts';
import { table } from '../../render/table.ts';
import { listText } from './prices.ts';
import { scopeText } from './provider-scope.ts';
import { withKeyHint } from './provider-store.ts';

export async function run(context: CommandContext): Promise<number> {
  const services = await context.services();
  const { providers } = await services.state.providers().get();
  const spent = await spentOn(services, providers);
  const probes = await probeCosts(services);
  const shown = await Promise.all(
    providers.map(async (each) => {
      const listed = withCreditsLeft(await withKeyHint(services, each), spent);
      const state = await stateOf(services, each, listed.creditsLeft);
      const inClear = sendsKeyInClear(each) ? { keyInClear: true } : {};
      return { ...listed, ...state, ...inClear, probes: probes.get(each.id) ?? { requests: 0, cost: 0 } };
    }),
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
        { head: 'probes', align: 'right' },
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
        formatUsd(each.probes.cost),
        each.apiKey === '' ? dim('none') : each.apiKey,
        ...(limited ? [scopeText(each) || dim('all')] : []),
        stateText(each),
      ]),
      context.out.colour,
    ),
  );
  const { openPriceList } = await import('../../../../llm/price-list.ts');
  context.out.line(`Prices: your own, or ${listText(openPriceList(services.home.priceListFile).info())}.`);
  return 0;
}

/** A provider, and what is left of its credits by our own books where it has any. */
type Listed = ProviderConfig & { creditsLeft?: number };

/** How a provider stands, why, and until when where that is known. */
interface State {
  state: 'ready' | 'on_trial' | 'failing' | 'credits' | 'key' | 'price' | 'off';
  stateReason?: string;
  stateUntil?: Date;
}

async function stateOf(
  { vault, home }: Services,
  provider: ProviderConfig,
  creditsLeft: number | undefined,
): Promise<State> {
  const { enabled, disabledReason, exhaustedAt, exhaustedUntil, consecutiveFailures, lastFailure } = provider;
  if (!enabled) {
    if (disabledReason === undefined) return { state: 'off' };
    return { state: 'key', stateReason: disabledReason };
  }
  const key = await keyProblem({ vault }, provider);
  if (key !== null) return { state: 'key', stateReason: key };
  const { openPriceList } = await import('../../../../llm/price-list.ts');
  const { priceOf } = openPriceList(home.priceListFile);
  const leastUsd = priceOf(provider, LEAST_CALL);
  if (leastUsd === null) return { state: 'price', stateReason: 'no price is known for its model' };
  if (exhaustedAt !== undefined) {
    const until = exhaustedUntil === undefined ? {} : { stateUntil: exhaustedUntil };
    return { state: 'credits', stateReason: lastFailure ?? 'it says that it is out of money', ...until };
  }
  if (!paysFor(leastUsd, creditsLeft))
    return {
      state: 'credits',
      stateReason: 'what is left of its credits, by our own books, pays for no call',
    };
  if (consecutiveFailures === 0) return { state: 'ready' };
  const times = `${consecutiveFailures} failures in a row`;
  const stateReason = lastFailure === undefined ? times : `${times}: ${lastFailure}`;
  return { state: isOnTrial({ provider, current: provider }) ? 'on_trial' : 'failing', stateReason };
}

/** Probes belong to no project: their rows stand in the factory's own ledger. */
async function probeCosts({
  home,
  clock,
}: Services): Promise<Map<string, { requests: number; cost: number }>> {
  const { costs } = openFactoryLogs(home, { clock, processes: createProcesses() });
  const sums = new Map<string, { requests: number; cost: number }>();
  for (const { provider, requests, cost, possible } of summariseCosts(FACTORY, await costs.readAll())
    .byProvider)
    sums.set(provider, { requests, cost: cost + possible });
  return sums;
}

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

const STATES: Readonly<Record<State['state'], string>> = {
  ready: 'ready',
  on_trial: 'answers probes; the next call tries it',
  failing: 'failing',
  credits: 'out of money',
  key: 'key not usable',
  price: 'no price',
  off: 'switched off',
};

/** The whole of a reason would make the table unreadable; `--json` has it. */
const REASON_CHARACTERS = 160;

function stateText({ state, stateReason, stateUntil }: State): Text {
  if (state === 'ready') return green(STATES.ready);
  const reason =
    stateReason === undefined ? '' : `: ${stateReason.replace(/\s+/g, ' ').slice(0, REASON_CHARACTERS)}`;
  const until = stateUntil === undefined ? '' : ` (until ${formatMoment(stateUntil)})`;
  return yellow(`${STATES[state]}${until}${reason}`);
}
