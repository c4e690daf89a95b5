import type { CostSum } from '../../factory/finance/costs.ts';
import { summariseCosts } from '../../factory/finance/costs.ts';
import type { CommandContext } from './context.ts';
import { type Invocation, requiredArgument } from './options.ts';
import { bold, formatCount, formatUsd, jsonText, plural, type Text, yellow } from './output.ts';
import { table } from './table.ts';

/** Characters of the longest bar. */
const BAR = 24;

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state } = await context.services();
  const id = await state.resolveProject(requiredArgument(invocation));
  const summary = summariseCosts(id, await state.costs(id).readAll());
  if (context.json) {
    context.out.raw(jsonText(summary));
    return 0;
  }
  const { out } = context;
  const { settings } = await state.project(id).get();
  const cap = settings.budget === undefined ? '' : ` of at most ${formatUsd(settings.budget)}`;
  const cached =
    summary.cacheHitRate === 0 ? '' : `, ${Math.round(summary.cacheHitRate * 100)} % of the input from cache`;
  out.line([
    bold(formatUsd(summary.totalSpent)),
    `${cap}, ${formatCount(summary.tokensUsed)} tokens${cached}`,
  ]);
  const lost = summary.entries.filter((entry) => entry.possible).length;
  if (lost > 0) {
    out.line([
      yellow('possible:'),
      ` ${formatUsd(summary.possibleSpent)} more at most, for ${plural(lost, 'request')} whose reply was lost`,
    ]);
  }
  if (summary.entries.length === 0) return 0;
  const groups: [string, (CostSum & { name: string })[]][] = [
    ['provider', summary.byProvider.map((group) => ({ ...group, name: group.provider }))],
    ['model', summary.byModel.map((group) => ({ ...group, name: group.model }))],
    ['persona', summary.byPersona.map((group) => ({ ...group, name: group.persona }))],
    ['operation', summary.byOperation.map((group) => ({ ...group, name: group.operation }))],
  ];
  for (const [head, rows] of groups) {
    out.line();
    out.line(costTable(head, rows, out.colour));
  }
  return 0;
}

function costTable(head: string, rows: readonly (CostSum & { name: string })[], colour: boolean): Text {
  const most = Math.max(...rows.map((row) => row.cost + row.possible));
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
      most === 0 ? '' : '█'.repeat(Math.round(((row.cost + row.possible) / most) * BAR)),
    ]),
    colour,
  );
}
