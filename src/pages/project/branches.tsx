import { useMay } from '../data/me.ts';
import { type Loaded, useDocument } from '../data/use.ts';
import { Order } from '../parts/order.tsx';
import { Problem } from '../parts/problem.tsx';
import { Status } from '../parts/status.tsx';
import { changes, checks, count, duration, usd } from '../parts/words.ts';
import type { BranchShown, PartProps } from './types.ts';

type Node = Omit<BranchShown, 'lineage'>;

/** The decisions and their branches, side by side. */
export function Branches({ id }: PartProps) {
  const branches: Loaded<BranchShown> = useDocument<BranchShown>(
    `/projects/${id}/branches`,
    ({ projectId }) => branches.data === undefined || holds(branches.data, projectId),
  );
  const { data, error, reload } = branches;
  return (
    <section aria-label="Branches">
      <Problem error={error} />
      {data === undefined ? null : <Tree node={data} onOrder={reload} />}
      {data?.children.length === 0 ? <p class="empty">Nothing was forked from it.</p> : null}
    </section>
  );
}

/** Whether a project is of this tree: what happens in others changes nothing here. */
function holds({ project, children }: Node, id: string): boolean {
  return project.id === id || children.some((child) => holds(child, id));
}

function Tree({ node, onOrder }: { node: Node; onOrder(): void }) {
  const { project, children } = node;
  return (
    <>
      {project.forks.map((fork) => (
        <article key={fork.decisionId} class="gate">
          <h2>{fork.question}</h2>
          <ul class="cards">
            {children
              .filter((child) => fork.branches.some(({ projectId }) => projectId === child.project.id))
              .map((child) => (
                <Branch
                  key={child.project.id}
                  node={child}
                  chosen={fork.choice?.projectId === child.project.id}
                  onOrder={onOrder}
                />
              ))}
          </ul>
        </article>
      ))}
    </>
  );
}

function Branch({ node, chosen, onOrder }: { node: Node; chosen: boolean; onOrder(): void }) {
  const { project, figures } = node;
  const mayOrder = useMay('operator');
  return (
    <li>
      <a href={`/projects/${project.id}`}>{project.decisionContext?.option ?? project.name}</a>{' '}
      <Status project={project} /> {chosen ? <span class="status good">chosen</span> : null}
      <p>{evidenceOf(figures)}</p>
      <p class="facts">
        {duration(project.activeMs)} · {usd(figures.cost)} · {figures.tokens.toLocaleString()} tokens ·{' '}
        <a href={`/projects/${project.id}?tab=diff`}>its changes</a>
      </p>
      {mayOrder && node.may.includes('merge') ? (
        <Order
          name="Take this branch"
          path={`/projects/${project.id}/merge`}
          consequence="It is merged into its parent once its gate has passed on the merge; the other branches end."
          onDone={onOrder}
        />
      ) : null}
      <Tree node={node} onOrder={onOrder} />
    </li>
  );
}

/** What the factory measured of it: by this the branches are compared. */
function evidenceOf({ tasks, gate, tests, diff }: BranchShown['figures']): string {
  return [
    `${tasks.proved} of ${count(tasks.total, 'task')} proved`,
    checks(gate),
    ...(tests === null ? [] : [count(tests.after, 'test')]),
    changes(diff),
  ].join(' · ');
}
