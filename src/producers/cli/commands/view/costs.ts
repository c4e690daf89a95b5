import type { BranchCosts, CostSum } from '../../../../factory/finance/books/costs.ts';
import type { StateStore } from '../../../../factory/ports.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import {
  bold,
  formatCount,
  formatMoment,
  formatUsd,
  jsonText,
  plural,
  type Text,
  yellow,
} from '../../render/output.ts';
import { type Screen, table } from '../../render/table.ts';

/** Characters of the longest bar. */
const BAR = 24;

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, financeApi } = await context.services();
  const id = await projectArgument(context, invocation);
  const summary = await financeApi.getCostSummary(id);
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
  if (summary.branches.length > 1) {
    out.line();
    out.line(branchTable(summary.branches, out));
  }
  const titles = await taskTitles(state, summary.branches);
  const groups: [string, Named[]][] = [
    ['provider', summary.byProvider.map((group) => ({ ...group, name: group.provider }))],
    ...(summary.byTier.length === 0
      ? []
      : [['tier', summary.byTier.map((group) => ({ ...group, name: group.tier }))] as [string, Named[]]]),
    ['model', summary.byModel.map((group) => ({ ...group, name: group.model }))],
    ['persona', summary.byPersona.map((group) => ({ ...group, name: group.persona }))],
    ['task', summary.byTask.map((group) => ({ ...group, name: titles.get(group.taskId) ?? group.taskId }))],
    ['operation', summary.byOperation.map((group) => ({ ...group, name: group.operation }))],
    ['hour', summary.byHour.map((group) => ({ ...group, name: hourText(group.hour) }))],
  ];
  for (const [head, rows] of groups) {
    out.line();
    out.line(costTable(head, rows, out));
  }
  return 0;
}

/** A child takes over its parent's tasks and adds its own. */
async function taskTitles(state: StateStore, branches: readonly BranchCosts[]): Promise<Map<string, string>> {
  const lists = await Promise.all(branches.map(({ projectId }) => state.tasks(projectId).get()));
  return new Map(lists.flatMap(({ tasks }) => tasks.map(({ id, title }) => [id, title] as const)));
}

/** A line for each project of the tree, with what it has spent itself. */
function branchTable(branches: readonly BranchCosts[], screen: Screen): Text {
  return table(
    [
      { head: 'branch', width: 60 },
      { head: 'option', width: 40, spare: 1 },
      { head: 'tokens', align: 'right', spare: 2 },
      { head: 'cost', align: 'right' },
      { head: 'possible', align: 'right' },
    ],
    branches.map(({ workBranch, option = '', tokensUsed, totalSpent, possibleSpent }) => [
      workBranch,
      option,
      formatCount(tokensUsed),
      formatUsd(totalSpent),
      possibleSpent === 0 ? '' : yellow(formatUsd(possibleSpent)),
    ]),
    screen,
  );
}

type Named = CostSum & { name: string };

/** Local time: `2026-11-22 14:00`. */
function hourText(hour: string): string {
  return formatMoment(new Date(hour)).slice(0, 16);
}

/** A bar tells known cost in full blocks and what was perhaps billed on top of it in light ones. */
function costTable(head: string, rows: readonly Named[], screen: Screen): Text {
  const most = Math.max(...rows.map((row) => row.cost + row.possible));
  const blocks = (amount: number) => (most === 0 ? 0 : Math.round((amount / most) * BAR));
  const withPossible = rows.some((row) => row.possible > 0);
  const apart = <T>(column: T): T[] => (withPossible ? [column] : []);
  return table(
    [
      { head, width: 44 },
      { head: 'requests', align: 'right' },
      { head: 'tokens', align: 'right' },
      { head: 'cached', align: 'right', spare: 1 },
      { head: 'cost', align: 'right' },
      ...apart({ head: 'possible', align: 'right' as const }),
      { head: '', spare: 2 },
    ],
    rows.map((row) => [
      row.name,
      formatCount(row.requests),
      formatCount(row.tokensUsed),
      `${Math.round(row.cacheHitRate * 100)} %`,
      formatUsd(row.cost),
      ...apart(row.possible === 0 ? '' : yellow(formatUsd(row.possible))),
      `${'█'.repeat(blocks(row.cost))}${'░'.repeat(blocks(row.cost + row.possible) - blocks(row.cost))}`,
    ]),
    screen,
  );
}
