import { escaped, inQuotes, table } from '../../lib/text/markdown.ts';
import { formatUsd } from '../../lib/text/usd.ts';
import type { CostSum } from '../finance/books/costs.ts';
import type { Report } from './report-types.ts';

export function moneyText({ money, tasks }: Report): string {
  const cap = money.budget === undefined ? '' : ` of at most ${formatUsd(money.budget)}`;
  const possible =
    money.possibleSpent === 0
      ? ''
      : `, and $${money.possibleSpent.toFixed(4)} more at most for replies that were lost`;
  const head = `$${money.totalSpent.toFixed(4)}${cap}, ${money.tokensUsed} tokens${possible}.`;
  const row = (name: string, { requests, tokensUsed, cost }: CostSum) => [
    name,
    String(requests),
    String(tokensUsed),
    `$${cost.toFixed(4)}`,
  ];
  if (money.byProvider.length === 0) return head;
  const titles = new Map(
    Object.values(tasks).flatMap((list) => list.map(({ id, title }) => [id, inQuotes(title)])),
  );
  return [
    head,
    table(
      ['provider', 'requests', 'tokens', 'cost'],
      money.byProvider.map((group) => row(escaped(group.provider), group)),
    ),
    table(
      ['persona', 'requests', 'tokens', 'cost'],
      money.byPersona.map((group) => row(escaped(group.persona), group)),
    ),
    money.byTask.length < 2
      ? ''
      : table(
          ['task', 'requests', 'tokens', 'cost'],
          money.byTask.map((group) => row(titles.get(group.taskId) ?? 'no single task', group)),
        ),
  ]
    .filter((each) => each !== '')
    .join('\n\n');
}
