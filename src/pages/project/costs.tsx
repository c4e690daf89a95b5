import { Suspense } from 'preact/compat';
import { useDocument } from '../data/use.ts';
import { loaded } from '../parts/loaded.tsx';
import { Problem } from '../parts/problem.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { usd } from '../parts/words.ts';
import { type CostShown, isOf, type PartProps } from './types.ts';

const SpendingChart = loaded(async () => (await import('./spending-chart.tsx')).SpendingChart);

interface Summary {
  totalSpent: number;
  possibleSpent: number;
  tokensUsed: number;
  byProvider: Group[];
  byTier: Group[];
  byPersona: Group[];
  entries: CostShown[];
}
interface Group {
  provider?: string;
  tier?: string;
  persona?: string;
  requests: number;
  tokensUsed: number;
  cost: number;
}

/** What was spent, by whom, and when. */
export function Costs({ id, status }: PartProps) {
  const { data, error } = useDocument<Summary>(`/projects/${id}/costs`, ({ projectId }) =>
    isOf(id, status, projectId),
  );
  return (
    <section aria-label="Cost">
      <Problem error={error} />
      {data === undefined ? null : (
        <>
          <p>
            <b>{usd(data.totalSpent)}</b> for {data.tokensUsed.toLocaleString()} tokens
            {data.possibleSpent > 0
              ? `, and ${usd(data.possibleSpent)} more at most for requests whose reply was lost`
              : ''}
          </p>
          {data.entries.length > 1 ? (
            <Suspense fallback={<p>Loading…</p>}>
              <SpendingChart entries={data.entries} />
            </Suspense>
          ) : null}
          <Groups title="Provider" groups={data.byProvider} />
          {data.byTier.length === 0 ? null : <Groups title="Tier" groups={data.byTier} />}
          <Groups title="Persona" groups={data.byPersona} />
        </>
      )}
    </section>
  );
}

const nameOf = ({ provider, tier, persona }: Group) => provider ?? tier ?? persona;

function Groups({ title, groups }: { title: string; groups: readonly Group[] }) {
  return (
    <Scroll label={`Cost by ${title.toLowerCase()}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{title}</th>
            <th scope="col">Requests</th>
            <th scope="col">Tokens</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((each) => (
            <tr key={nameOf(each)}>
              <th scope="row">{nameOf(each)}</th>
              <td>{each.requests.toLocaleString()}</td>
              <td>{each.tokensUsed.toLocaleString()}</td>
              <td>{usd(each.cost)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
