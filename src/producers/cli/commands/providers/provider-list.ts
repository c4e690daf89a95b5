import { keyInClearWarning, sendsKeyInClear } from '../../../../factory/finance/providers/provider-checks.ts';
import { tierProblems } from '../../../../factory/finance/routing/tiers.ts';
import type { ProviderConfig } from '../../../../factory/model/money/finance.ts';
import {
  type Listed,
  type ProviderDocument,
  providerDocuments,
  type State,
} from '../../../documents/providers.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warner } from '../../framework/warn.ts';
import { dim, formatMoment, formatUsd, green, jsonText, type Text, yellow } from '../../render/output.ts';
import { table } from '../../render/table.ts';
import { listText } from './prices.ts';
import { scopeText } from './provider-scope.ts';

export async function run(context: CommandContext): Promise<number> {
  const services = await context.services();
  const shown = await providerDocuments(services);
  if (!context.json)
    for (const each of shown) if (sendsKeyInClear(each)) warner(context)(keyInClearWarning(each));
  if (!context.json)
    for (const { problem, remedy } of tierProblems(services.config.tiers, shown))
      warner(context)(`${problem}. ${remedy}.`);
  if (context.json) {
    context.out.raw(jsonText(shown));
    return 0;
  }
  if (shown.length === 0) {
    context.out.line(`There are no providers yet. Add one; see: ${context.program} provider add --help`);
    return 0;
  }
  const inTiers = shown.some(({ tiers }) => tiers !== undefined);
  const limited = shown.some((each) => scopeText(each) !== '');
  context.out.line(
    table(
      [
        { head: 'id' },
        { head: 'model', width: 40 },
        ...(inTiers ? [{ head: 'tier', spare: 7 }] : []),
        { head: 'priority', align: 'right', spare: 3 },
        { head: 'credits bought', align: 'right', spare: 5 },
        { head: 'left', align: 'right' },
        { head: 'per million in/out', spare: 2 },
        { head: 'probes', align: 'right', spare: 6 },
        { head: 'key', width: 30, spare: 4 },
        ...(limited ? [{ head: 'works for', width: 40, spare: 1 }] : []),
        { head: 'state', wraps: true },
      ],
      shown.map((each) => [
        each.id,
        each.model,
        ...(inTiers ? [each.tiers?.join(', ') ?? dim('none')] : []),
        String(each.priority),
        each.creditsAvailable === undefined ? dim('no limit') : formatUsd(each.creditsAvailable),
        leftText(each),
        priceText(each),
        formatUsd(each.probes.cost),
        each.apiKey === '' ? dim('none') : each.apiKey,
        ...(limited ? [scopeText(each) || dim('all')] : []),
        stateText(each),
      ]),
      context.out,
    ),
  );
  for (const line of switchLines(shown)) context.out.line(line);
  const { openPriceList } = await import('../../../../llm/price-list.ts');
  context.out.line(`Prices: your own, or ${listText(openPriceList(services.home.priceListFile).info())}.`);
  return 0;
}

/** Of all that happened the newest; `--json` has the others. */
const SWITCHES_SHOWN = 8;

function switchLines(shown: readonly ProviderDocument[]): Text[] {
  // Each stands with both of its providers.
  const switches = shown.flatMap(({ id, switches }) =>
    switches.filter(({ toProvider }) => toProvider === id),
  );
  if (switches.length === 0) return [];
  const newest = switches
    .sort((a, b) => a.timestamp.getTime() - b.timestamp.getTime())
    .slice(-SWITCHES_SHOWN);
  return [
    `Switches within 24 hours (${switches.length}):`,
    ...newest.map(
      ({ timestamp, project, fromProvider, toProvider, reason }): Text => [
        dim(formatMoment(timestamp)),
        `  ${project}: ${fromProvider} → ${toProvider}, ${reason.replaceAll('_', ' ')}`,
      ],
    ),
  ];
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
