import { useState } from 'preact/hooks';
import type { SwitchDocument } from '../../producers/documents/switches.ts';
import { useDocument } from '../data/use.ts';
import type { Wire } from '../data/wire.ts';
import { Problem } from '../parts/problem.tsx';
import { Scroll } from '../parts/scroll.tsx';

const WEEK_MS = 7 * 24 * 3_600_000;

/** Which projects went on with another provider in the last week, and why. */
export function Switches() {
  const [since] = useState(() => new Date(Date.now() - WEEK_MS).toISOString());
  const { data, error } = useDocument<Wire<SwitchDocument>[]>(
    `/providers/switches?since=${since}`,
    ({ type }) => type === 'provider.switched',
  );
  return (
    <section aria-labelledby="switches">
      <h2 id="switches">Switches of the last week</h2>
      <Problem error={error} />
      {data?.length === 0 ? <p class="empty">No project went from one provider to another.</p> : null}
      {data === undefined || data.length === 0 ? null : (
        <Scroll label="Switches">
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Project</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {data.map(({ projectId, project, timestamp, fromProvider, toProvider, reason }) => (
                <tr key={`${projectId}/${timestamp}`}>
                  <th scope="row">{new Date(timestamp).toLocaleString()}</th>
                  <td>
                    <a href={`/projects/${projectId}?tab=costs`}>{project}</a>
                  </td>
                  <td>{fromProvider}</td>
                  <td>{toProvider}</td>
                  <td>{reason.replaceAll('_', ' ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
