import { useMay } from '../data/me.ts';
import { Order } from '../parts/order.tsx';
import { ENDED } from '../parts/status.tsx';
import type { ProjectShown } from './types.ts';

/** What may be done to it now, each with its consequence in words. */
export function Orders({ project, onDone }: { project: ProjectShown; onDone(): void }) {
  const may = useMay('operator');
  if (!may) return null;
  const { id, status, started, waiting } = project;
  const order = (name: string, act: string, consequence?: string) => (
    <Order
      key={act}
      name={name}
      path={`/projects/${id}/${act}`}
      onDone={onDone}
      {...(consequence === undefined ? {} : { consequence })}
    />
  );
  if (ENDED.has(status))
    return (
      <p class="orders">
        {status === 'completed'
          ? null
          : order(
              'Try again',
              'retry',
              'It lives on with a new attempt: on the same branch, with the same conversation, for money again.',
            )}
      </p>
    );
  const paused = status === 'paused' || waiting?.for === 'owner';
  return (
    <p class="orders">
      {started ? null : order('Start', 'start', 'Workers begin with it. It spends money from now on.')}
      {started && !paused
        ? order('Pause', 'pause', 'The step under way ends, then nothing more happens until you resume it.')
        : null}
      {started && paused ? order('Resume', 'resume', 'Workers go on with it, for money.') : null}
      {order(
        'Stop',
        'stop',
        `It ends for good as it is. What was done stays on the branch ${project.workBranch}.`,
      )}
    </p>
  );
}
