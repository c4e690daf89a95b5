import { useMay } from '../data/me.ts';
import { Order } from '../parts/order.tsx';
import { usd } from '../parts/words.ts';
import type { StatusShown } from './types.ts';

/** What may be done to it now, each with its consequence in words. */
export function Orders({ status, onDone }: { status: StatusShown; onDone(): void }) {
  const operates = useMay('operator');
  const owns = useMay('owner');
  if (!operates) return null;
  const { project, need, may } = status;
  const order = (act: (typeof may)[number], name: string, consequence: string, body?: object) =>
    may.includes(act) ? (
      <Order key={act} {...{ name, consequence, body, onDone }} path={`/projects/${project.id}/${act}`} />
    ) : null;
  // With the cap that it has reached it would be paused again; caps are the owner's.
  const { budget } = need ?? {};
  const resume =
    budget === undefined
      ? order('resume', 'Resume', 'Workers go on with it, for money.')
      : owns
        ? order(
            'resume',
            `Resume with ${usd(budget)}`,
            `It may spend ${usd(budget)} in all, with what it has spent. Workers go on with it, for money.`,
            { budget },
          )
        : null;
  return (
    <p class="orders">
      {order('start', 'Start', 'Workers begin with it. It spends money from now on.')}
      {order('pause', 'Pause', 'The step under way ends, then nothing more happens until you resume it.')}
      {resume}
      {order(
        'retry',
        'Try again',
        'It lives on with a new attempt: on the same branch, with the same conversation, for money again.',
      )}
      {order(
        'stop',
        'Stop',
        `It ends for good as it is. What was done stays on the branch ${project.workBranch}.`,
      )}
    </p>
  );
}
