import { getText } from '../data/api.ts';
import { useMade } from '../data/use.ts';
import { Problem } from '../parts/problem.tsx';
import type { PartProps } from './types.ts';

/** The report as text: what agents wrote is shown, never rendered. */
export function Report({ id, status }: PartProps) {
  const { updatedAt } = status.project;
  const { data, error } = useMade(`/projects/${id}/report?format=markdown`, updatedAt, getText);
  return (
    <section aria-label="Report">
      <Problem error={error} />
      {data === undefined && error === undefined ? <p>Loading…</p> : null}
      {data === undefined ? null : <pre class="report">{data}</pre>}
    </section>
  );
}
