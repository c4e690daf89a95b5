import type { Health } from '../../producers/health/examine.ts';
import { useDocument } from '../data/use.ts';
import type { Wire } from '../data/wire.ts';
import { Problem } from '../parts/problem.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { useEvery } from '../parts/use-every.ts';
import { bytes, duration } from '../parts/words.ts';

/** Between two looks, in milliseconds. */
const LOOK_MS = 15_000;
const TONES = { ok: 'good', warn: 'wait', fail: 'bad' } as const;
const WORDS = { ok: 'fine', warn: 'look at it', fail: 'broken' } as const;

/** Whether work can be done here, what stands in its way, and what waits in the queues. */
export function Machine() {
  const { data, error, reload } = useDocument<Wire<Health>>('/health', () => false);
  useEvery(LOOK_MS, reload);
  return (
    <>
      <h1>Machine</h1>
      <Problem error={error} />
      {data === undefined ? <p>Loading…</p> : <Found health={data} />}
    </>
  );
}

function Found({ health }: { health: Wire<Health> }) {
  const { status, checks, workers, workerVersions, disk, memory, version } = health;
  const order = ['fail', 'warn', 'ok'];
  const sorted = [...checks].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  return (
    <>
      <ul class="figures">
        <li class={status === 'healthy' ? '' : 'bad'}>
          <b>{status.replaceAll('_', ' ')}</b>
        </li>
        <li class={workers === 0 ? 'bad' : ''}>
          <b>{workers ?? 'unknown'}</b> workers{versionsOf(workerVersions, version)}
        </li>
        {disk === null ? null : (
          <li>
            <b>{bytes(disk.free)}</b> free of {bytes(disk.size)}
          </li>
        )}
        <li>
          <b>{bytes(memory.available)}</b> memory left of {bytes(memory.total)}
        </li>
        <li>
          <b>{version}</b> version
        </li>
      </ul>
      <Queues queues={health.queues} />
      <h2>What was looked at</h2>
      <ul class="cards wide">
        {sorted.map((check) => (
          <li key={check.name}>
            <b>{check.name}</b> <span class={`status ${TONES[check.status]}`}>{WORDS[check.status]}</span>
            <p>{check.detail}</p>
            {check.remedy === undefined ? null : <p class="facts">{check.remedy}</p>}
          </li>
        ))}
      </ul>
    </>
  );
}

function versionsOf(versions: Readonly<Record<string, number>> | null, own: string): string {
  const others = Object.entries(versions ?? {}).filter(([each]) => each !== own);
  return others.length === 0 ? '' : `, ${others.map(([each, count]) => `${count} of ${each}`).join(', ')}`;
}

function Queues({ queues }: { queues: Wire<Health>['queues'] }) {
  if (queues === null) return <p class="problem">Redis cannot be asked: nobody knows what waits.</p>;
  return (
    <>
      <h2>Queues</h2>
      <Scroll label="Queues">
        <table>
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col">Waiting</th>
              <th scope="col">At work</th>
              <th scope="col">Later</th>
              <th scope="col">Failed</th>
              <th scope="col">Oldest waits for</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(queues).map(([name, each]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{each.waiting.toLocaleString()}</td>
                <td>{each.active.toLocaleString()}</td>
                <td>{each.delayed.toLocaleString()}</td>
                <td>{each.failed.toLocaleString()}</td>
                <td>{each.oldestWaitMs === 0 ? '' : duration(each.oldestWaitMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
