import { modelRecords } from '../../../../factory/history/models.ts';
import type { CommandContext } from '../../framework/context.ts';
import { formatCount, formatUsd, jsonText, shortId, yellow } from '../../render/output.ts';
import { table } from '../../render/table.ts';

/** From the ledgers of all projects. Needs no Redis. */
export async function run(context: CommandContext): Promise<number> {
  const { state } = await context.services();
  const { records, unreadable } = await modelRecords(state);
  const { out, err } = context;
  for (const { id, problem } of unreadable)
    err.line([yellow('warning:'), ` project ${shortId(id)} cannot be read: ${problem}`]);
  const withTiers = records.some(({ tier }) => tier !== undefined);
  const apart = <T>(column: T): T[] => (withTiers ? [column] : []);
  const withPossible = records.some(({ possible }) => possible > 0);
  const perhaps = <T>(column: T): T[] => (withPossible ? [column] : []);
  if (context.json) out.raw(jsonText(records));
  else if (records.length === 0) out.line('No model has done anything yet.');
  else
    out.line(
      table(
        [
          { head: 'model', width: 30 },
          ...apart({ head: 'tier', spare: 3 }),
          { head: 'cost', align: 'right' },
          ...perhaps({ head: 'possible', align: 'right' as const }),
          { head: 'requests', align: 'right', spare: 2 },
          { head: 'proved', align: 'right' },
          { head: 'red gates', align: 'right', spare: 1 },
          { head: 'per proved task', align: 'right' },
        ],
        records.map(
          ({ model, tier = '-', cost, possible, requests, provedTasks, redGates, costPerProvedTask }) => [
            model,
            ...apart(tier),
            formatUsd(cost),
            ...perhaps(possible === 0 ? '' : yellow(formatUsd(possible))),
            formatCount(requests),
            formatCount(provedTasks),
            formatCount(redGates),
            costPerProvedTask === null ? '-' : formatUsd(costPerProvedTask),
          ],
        ),
        out,
      ),
    );
  return 0;
}
