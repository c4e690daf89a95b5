import { useEffect } from 'preact/hooks';
import { entitle } from '../app/router.ts';
import { type Loaded, useDocument } from '../data/use.ts';
import { NeedOf } from '../parts/need.tsx';
import { Problem } from '../parts/problem.tsx';
import { Status } from '../parts/status.tsx';
import { duration, usd } from '../parts/words.ts';
import { Branches } from './branches.tsx';
import { Costs } from './costs.tsx';
import { Diff } from './diff.tsx';
import { Gates } from './gates.tsx';
import { Messages } from './messages.tsx';
import { Orders } from './orders.tsx';
import { Report } from './report.tsx';
import { Tasks } from './tasks.tsx';
import { Transcript } from './transcript.tsx';
import { isOf, type StatusShown } from './types.ts';

/** Each asks for its own document when it is opened. */
const TABS = [
  { id: 'transcript', name: 'Transcript', part: Transcript },
  { id: 'tasks', name: 'Tasks', part: Tasks },
  { id: 'gates', name: 'Gates', part: Gates },
  { id: 'diff', name: 'Changes', part: Diff },
  { id: 'costs', name: 'Cost', part: Costs },
  { id: 'branches', name: 'Branches', part: Branches },
  { id: 'messages', name: 'Messages', part: Messages },
  { id: 'report', name: 'Report', part: Report },
] as const;

/** Everything about one project. @param path of the page: `/projects/<id>?tab=…` */
export function ProjectPage({ path }: { path: string }) {
  const [place = '', query = ''] = path.split('?');
  const id = decodeURIComponent(place.split('/')[2] ?? '');
  const tab = new URLSearchParams(query).get('tab');
  const open = TABS.find((each) => each.id === tab) ?? TABS[0];
  const status: Loaded<StatusShown> = useDocument<StatusShown>(`/projects/${id}`, ({ projectId }) =>
    isOf(id, status.data, projectId),
  );
  const Part = open.part;
  const name = status.data?.project.name;
  useEffect(() => {
    if (name !== undefined) entitle(name);
  }, [id, name]);
  return (
    <>
      <Problem error={status.error} />
      {status.data === undefined ? null : <Head status={status.data} onOrder={status.reload} />}
      <nav class="tabs" aria-label="Parts of the project">
        {TABS.map((each) => (
          <a
            key={each.id}
            href={`/projects/${id}?tab=${each.id}`}
            aria-current={each === open ? 'page' : undefined}
          >
            {each.name}
          </a>
        ))}
      </nav>
      {status.data === undefined ? null : <Part key={`${id}/${open.id}`} id={id} status={status.data} />}
    </>
  );
}

function Head({ status, onOrder }: { status: StatusShown; onOrder(): void }) {
  const { project, tasks, agents, provider, workers, waiting, need } = status;
  const why = need?.why || (waiting?.detail ?? project.statusReason);
  const { budget } = project.settings;
  const agent = agents.find((each) => each.status !== 'completed');
  return (
    <section aria-label="Project">
      <h1>
        {project.name} <Status project={project} />
      </h1>
      {status.halted === undefined ? null : (
        <p class="problem">
          <strong>The factory is halted.</strong> Nothing goes on until df resume --all.
        </p>
      )}
      {why === undefined ? null : (
        <p class="why">
          {why}
          {waiting?.until === undefined ? '' : ` Until ${new Date(waiting.until).toLocaleString()}.`}
        </p>
      )}
      <NeedOf need={need} />
      <dl class="facts-list">
        <Fact name="Tasks" value={`${tasks['completed'] ?? 0} of ${tasks['total'] ?? 0} done`} />
        <Fact
          name="Spent"
          value={`${usd(project.totalCost)}${budget === undefined ? '' : ` of ${usd(budget)}`}`}
        />
        <Fact name="Active" value={`${duration(project.activeMs)} of ${duration(project.maxRuntime)}`} />
        <Fact name="Branch" value={project.workBranch} />
        <Published project={project} />
        {project.origin?.kind === 'issue' ? (
          <Fact name="Made by" value={`issue #${project.origin.number} of ${project.origin.author}`} />
        ) : null}
        {project.watching === undefined ? null : (
          <Fact name="Checks" value={project.watching.reason ?? project.watching.state} />
        )}
        {project.origin?.kind === 'schedule' ? (
          <Fact name="Made by" value={`schedule ${project.origin.name}`} />
        ) : null}
        <Fact name="Repository" value={project.repository} />
        {agent === undefined ? null : (
          <Fact name="Agent" value={`${agent.personaName}, ${agent.status.replaceAll('_', ' ')}`} />
        )}
        {provider === undefined ? null : (
          <Fact
            name="Provider"
            value={`${provider.id}${provider.tier === undefined ? '' : ` (${provider.tier})`}`}
          />
        )}
        {workers === 0 && project.started && !project.settled ? (
          <Fact name="Workers" value="none: start some with df up" />
        ) : null}
      </dl>
      <Orders status={status} onDone={onOrder} />
    </section>
  );
}

function Published({ project: { publication, unpublished } }: Pick<StatusShown, 'project'>) {
  if (unpublished !== undefined) return <Fact name="Published" value={`no: ${unpublished.reason}`} />;
  if (publication === undefined) return null;
  const { url, draft, proved } = publication;
  return (
    <div>
      <dt>Published</dt>
      <dd>
        <a href={url} rel="noreferrer">
          {url}
        </a>
        {draft ? ', a draft' : ''}
        {proved ? '' : ', not proved'}
      </dd>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
