import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useMay } from '../data/me.ts';
import { useDocument } from '../data/use.ts';
import { NeedOf } from '../parts/need.tsx';
import { Order } from '../parts/order.tsx';
import { Problem } from '../parts/problem.tsx';
import { Questions } from '../parts/questions.tsx';
import { Status } from '../parts/status.tsx';
import { useEvery } from '../parts/use-every.ts';
import { PartOnly, placeIn, Windowed } from '../parts/windowed.tsx';
import { duration, usd } from '../parts/words.ts';
import { GROUPS, type GroupName, grouped, type Shown } from './groups.ts';
import { useRows } from './rows.ts';

/** Cards of a block, and about how high one is with what stands beside it: pixels. */
const BLOCK = 24;
const CARD_HEIGHT = 40;
/** Between two looks at the machine, in milliseconds. */
const LOOK_MS = 15_000;
/** With fewer projects nobody looks for one by its name. */
const FEW = 12;

interface Health {
  status: 'healthy' | 'degraded' | 'not_ready';
  workers: number | null;
  problems: { severity: string; message: string }[];
}

/** What a person wants to know in the morning, most urgent first. */
export function Overview() {
  const projects = useRows();
  const [wanted, setWanted] = useState('');
  const health = useDocument<Health>('/health', () => false);
  useEvery(LOOK_MS, health.reload);
  // Without workers all projects need somebody, and no event says so.
  const idle = health.data?.workers === 0;
  const wasIdle = useRef(idle);
  useEffect(() => {
    if (wasIdle.current !== idle) projects.reload();
    wasIdle.current = idle;
  }, [idle]);
  const all = projects.data ?? [];
  const groups = useMemo(() => grouped(all, wanted), [projects.data, wanted]);
  const mayMake = useMay('operator');
  const today = new Date().toDateString();
  const spent = all
    .filter((each) => new Date(each.updatedAt).toDateString() === today)
    .reduce((sum, each) => sum + each.totalCost, 0);
  return (
    <>
      <div class="title">
        <h1>Overview</h1>
        {mayMake ? (
          <a class="button" href="/new">
            New project
          </a>
        ) : null}
      </div>
      <Problem error={projects.error} />
      <ul class="figures">
        <Figure
          name="need you"
          value={String(groups.needs.length)}
          tone={groups.needs.length > 0 ? 'wait' : ''}
        />
        <Figure name="at work" value={String(groups.working.length)} tone="busy" />
        <Figure name="spent by projects of today" value={usd(spent)} tone="" />
        <Figure
          name={health.data?.workers === 1 ? 'worker' : 'workers'}
          value={health.data === undefined ? '…' : String(health.data.workers ?? 'unknown')}
          tone={health.data?.workers === 0 ? 'bad' : ''}
        />
      </ul>
      <Problems health={health.data} />
      <Questions />
      {projects.data === undefined && projects.error === undefined ? <p>Loading…</p> : null}
      {all.length > FEW ? (
        <p>
          <label for="wanted">Find a project</label>{' '}
          <input
            id="wanted"
            type="search"
            value={wanted}
            onInput={(event) => setWanted(event.currentTarget.value)}
          />
        </p>
      ) : null}
      <PartOnly total={all.length} most={BLOCK} command="df list" />
      {(Object.keys(GROUPS) as GroupName[]).map((name) => (
        <Group key={name} name={name} projects={groups[name]} />
      ))}
    </>
  );
}

function Figure({ name, value, tone }: { name: string; value: string; tone: string }) {
  return (
    <li class={tone}>
      <b>{value}</b> {name}
    </li>
  );
}

function Problems({ health }: { health: Health | undefined }) {
  if (health === undefined || health.problems.length === 0) return null;
  return (
    <section aria-label="Health" class="problem">
      <ul>
        {health.problems.map(({ message }) => (
          <li key={message}>{message}</li>
        ))}
      </ul>
    </section>
  );
}

function Group({ name, projects }: { name: GroupName; projects: readonly Shown[] }) {
  const { title, empty } = GROUPS[name];
  return (
    <section aria-labelledby={`group-${name}`}>
      <h2 id={`group-${name}`}>
        {title} <small>{projects.length}</small>
      </h2>
      {projects.length === 0 ? <p class="empty">{empty}</p> : null}
      <Windowed
        items={projects}
        size={BLOCK}
        height={CARD_HEIGHT}
        render={(part, from) => (
          <ul class="cards">
            {part.map((each, index) => (
              <Card key={each.id} project={each} place={placeIn(from + index, projects.length)} />
            ))}
          </ul>
        )}
      />
    </section>
  );
}

function Card({ project, place }: { project: Shown; place: ReturnType<typeof placeIn> }) {
  const { id, name, repository, activeMs, totalCost, waiting, statusReason, started, need, may } = project;
  const mayStart = useMay('operator');
  const why = need?.why || (waiting?.detail ?? statusReason ?? (started ? '' : 'It was not started yet.'));
  return (
    <li {...place}>
      <a href={`/projects/${id}`}>{name}</a> <Status project={project} />
      <p class="facts">
        {repository.split('/').at(-1)} · {duration(activeMs)} · {usd(totalCost)}
      </p>
      {why === '' ? null : <p class="why">{why}</p>}
      <NeedOf need={need} />
      {mayStart && may.includes('start') ? <Order name="Start" path={`/projects/${id}/start`} /> : null}
    </li>
  );
}
