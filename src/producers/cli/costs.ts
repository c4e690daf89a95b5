import { groupCosts, type MoneyRow } from '../../factory/project/report.ts';
import type { CommandContext } from './context.ts';
import { type Invocation, requiredArgument } from './options.ts';
import { bold, formatCount, formatUsd, jsonText, type Text, yellow } from './output.ts';
import { table } from './table.ts';

/** Characters of the longest bar. */
const BAR = 24;

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, costs } = await context.services();
  const id = await state.resolveProject(requiredArgument(invocation));
  const summary = await costs(id);
  if (context.json) {
    context.out.raw(jsonText(summary));
    return 0;
  }
  const { out } = context;
  const { settings } = await state.project(id).get();
  const cap = settings.budget === undefined ? '' : ` of at most ${formatUsd(settings.budget)}`;
  out.line([bold(formatUsd(summary.totalSpent)), `${cap}, ${formatCount(summary.tokensUsed)} tokens`]);
  const possible = summary.entries.filter((entry) => entry.possible);
  if (possible.length > 0) {
    const cost = possible.reduce((sum, entry) => sum + entry.cost, 0);
    out.line([
      yellow('possible:'),
      ` ${formatUsd(cost)} of it for ${possible.length} requests whose reply was lost, at the worst case`,
    ]);
  }
  if (summary.entries.length === 0) return 0;
  const groups: [string, (entry: (typeof summary.entries)[number]) => string][] = [
    ['provider', (entry) => `${entry.provider} (${entry.model})`],
    ['persona', (entry) => entry.persona ?? '-'],
    ['operation', (entry) => entry.operation],
  ];
  for (const [head, nameOf] of groups) {
    out.line();
    out.line(costTable(head, groupCosts(summary.entries, nameOf), out.colour));
  }
  return 0;
}

function costTable(head: string, rows: readonly MoneyRow[], colour: boolean): Text {
  const most = Math.max(...rows.map((row) => row.cost));
  return table(
    [
      { head, width: 50 },
      { head: 'requests', align: 'right' },
      { head: 'tokens', align: 'right' },
      { head: 'cost', align: 'right' },
      { head: '' },
    ],
    rows.map((row) => [
      row.name,
      formatCount(row.requests),
      formatCount(row.tokensUsed),
      formatUsd(row.cost),
      most === 0 ? '' : '█'.repeat(Math.round((row.cost / most) * BAR)),
    ]),
    colour,
  );
}
