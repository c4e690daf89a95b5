import { useMemo } from 'preact/hooks';
import { useMay } from '../data/me.ts';
import { useDocument } from '../data/use.ts';
import { useMore } from '../parts/more.tsx';
import { Order } from '../parts/order.tsx';
import { Problem } from '../parts/problem.tsx';
import { Questions } from '../parts/questions.tsx';
import { Status } from '../parts/status.tsx';
import { duration, usd } from '../parts/words.ts';
import { GROUPS, type GroupName, grouped, type Shown } from './groups.ts';

/** Projects that are asked for; older ones are found by their list. */
const NEWEST = 1_000;
/** Rows of a group before "more". */
const FIRST = 50;
/** At a time. */
const STEP = 200;

interface Health {
  status: 'healthy' | 'degraded' | 'not_ready';
  workers: number | null;
  problems: { severity: string; message: string }[];
}

/** What a person wants to know in the morning, most urgent first. */
export function Overview() {
  const projects = useDocument<Shown[]>(`/projects?limit=${NEWEST}`);
  const health = useDocument<Health>('/health', () => false);
  const groups = useMemo(() => grouped(projects.data ?? []), [projects.data]);
  const mayMake = useMay('operator');
  const today = new Date().toDateString();
  const spent = (projects.data ?? [])
    .filter((each) => each.parentProjectId === undefined && new Date(each.updatedAt).toDateString() === today)
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
          name="workers"
          value={health.data === undefined ? '…' : String(health.data.workers ?? 'unknown')}
          tone={health.data?.workers === 0 ? 'bad' : ''}
        />
      </ul>
      <Problems health={health.data} />
      <Questions />
      {projects.data === undefined && projects.error === undefined ? <p>Loading…</p> : null}
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
  const [shown, more] = useMore(projects.length, FIRST, STEP);
  return (
    <section aria-labelledby={`group-${name}`}>
      <h2 id={`group-${name}`}>
        {title} <small>{projects.length}</small>
      </h2>
      {projects.length === 0 ? <p class="empty">{empty}</p> : null}
      <ul class="cards">
        {projects.slice(0, shown).map((each) => (
          <Card key={each.id} project={each} />
        ))}
      </ul>
      {more}
    </section>
  );
}

function Card({ project }: { project: Shown }) {
  const { id, name, repository, activeMs, totalCost, waiting, statusReason, started } = project;
  const mayStart = useMay('operator');
  const why = waiting?.detail ?? statusReason ?? (started ? '' : 'It was not started yet.');
  return (
    <li>
      <a href={`/projects/${id}`}>{name}</a> <Status project={project} />
      <p class="facts">
        {repository.split('/').at(-1)} · {duration(activeMs)} · {usd(totalCost)}
      </p>
      {why === '' ? null : <p class="why">{why}</p>}
      {mayStart && !started ? <Order name="Start" path={`/projects/${id}/start`} /> : null}
    </li>
  );
}
