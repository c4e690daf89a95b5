import { useState } from 'preact/hooks';
import type { TimelineDocument } from '../../producers/documents/timeline.ts';
import { get } from '../data/api.ts';
import { useDocument } from '../data/use.ts';
import type { Wire } from '../data/wire.ts';
import { Problem } from '../parts/problem.tsx';
import { Status } from '../parts/status.tsx';
import { useEvery } from '../parts/use-every.ts';
import { count, duration, usd } from '../parts/words.ts';
import { beginOf, GROUPS, groupOf, lengths, type Since, ticksBetween } from './spans.ts';

type Shown = Wire<TimelineDocument>;

/** Milliseconds. */
const LOOK_MS = 20_000;
/** The shortest time that is drawn. */
const LEAST_MS = 60_000;

/** Each look has a beginning of its own: what was an hour ago is another moment by then, and so is the evening on the next day. */
const load = (since: string, signal: AbortSignal) =>
  get<Shown>(`/timeline?since=${beginOf(since as Since, new Date()).toISOString()}`, signal);

/** What all projects did since yesterday evening, one row each. */
export function Night() {
  const [since, setSince] = useState<Since>('evening');
  const { data, error, reload } = useDocument<Shown>(since, () => false, load);
  useEvery(LOOK_MS, reload);
  return (
    <>
      <div class="title">
        <h1>Night</h1>
        <label for="since">
          Since{' '}
          <select
            id="since"
            value={since}
            onChange={({ currentTarget: { value } }) => setSince(value as Since)}
          >
            <option value="evening">yesterday evening</option>
            <option value="1">an hour ago</option>
            <option value="24">a day ago</option>
            <option value="72">three days ago</option>
          </select>
        </label>
      </div>
      <Problem error={error} />
      <ul class="legend">
        {GROUPS.map(({ id, name }) => (
          <li key={id}>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" class={`span ${id}`} />
            </svg>{' '}
            {name}
          </li>
        ))}
      </ul>
      {data === undefined ? <p>Loading…</p> : <Timeline night={data} />}
    </>
  );
}

function Timeline({ night }: { night: Shown }) {
  const { projects, omitted } = night;
  const starts = projects.flatMap(({ spans }) => spans.slice(0, 1).map(({ from }) => Date.parse(from)));
  const end = Date.parse(night.until);
  // Nobody looks at hours in which nothing was there.
  const begin = Math.min(end - LEAST_MS, ...starts);
  if (projects.length === 0) return <p class="empty">Nothing has happened since.</p>;
  return (
    <>
      <Axis begin={begin} end={end} />
      <ul class="night">
        {projects.map((each) => (
          <Row key={each.id} project={each} begin={begin} end={end} />
        ))}
      </ul>
      {omitted > 0 ? <p class="empty">{`and ${count(omitted, 'older project')}`}</p> : null}
    </>
  );
}

function Axis({ begin, end }: { begin: number; end: number }) {
  const ticks = ticksBetween(begin, end);
  return (
    <div class="axis" aria-hidden="true">
      {ticks.map((at) => (
        <span key={at} style={{ left: `${(100 * (at - begin)) / (end - begin)}%` }}>
          {new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })}
        </span>
      ))}
    </div>
  );
}

/** Units of the drawing from its left to its right. */
const WIDE = 1_000;

function Row({ project, begin, end }: { project: Shown['projects'][number]; begin: number; end: number }) {
  const { id, name, spans, totalCost, parentProjectId } = project;
  const place = (moment: string) => (WIDE * (Date.parse(moment) - begin)) / (end - begin);
  const words = lengths(spans)
    .map(({ name: what, ms }) => `${what} ${duration(ms)}`)
    .join(', ');
  return (
    <li>
      <p>
        {parentProjectId === undefined ? '' : '↳ '}
        <a href={`/projects/${id}`}>{name}</a> <Status project={project} />{' '}
        <small class="facts">
          {usd(totalCost)}
          {words === '' ? '' : ` · ${words}`}
        </small>
      </p>
      <svg viewBox={`0 0 ${WIDE} 10`} preserveAspectRatio="none" role="img" aria-label={`${name}: ${words}`}>
        <rect width={WIDE} height="10" class="span none" />
        {spans.map(({ activity, from, to }) => (
          <rect
            key={from}
            x={place(from)}
            width={Math.max(1, place(to) - place(from))}
            height="10"
            class={`span ${groupOf(activity)}`}
          >
            <title>
              {`${activity}, ${new Date(from).toLocaleTimeString()} to ${new Date(to).toLocaleTimeString()}`}
            </title>
          </rect>
        ))}
      </svg>
    </li>
  );
}
