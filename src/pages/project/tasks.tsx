import { useDocument } from '../data/use.ts';
import { Problem } from '../parts/problem.tsx';
import { PartOnly, placeIn, Windowed } from '../parts/windowed.tsx';
import type { PartProps, TasksShown } from './types.ts';

/** Tasks of a block, and about how high one is: pixels. */
const BLOCK = 20;
const TASK_HEIGHT = 100;
/** What changes a task list, or its evidence. */
const CHANGES = /^(task|gate|audit|project|agent)\./;

/** The task list with the evidence for each. */
export function Tasks({ id }: PartProps) {
  const { data, error } = useDocument<TasksShown>(
    `/projects/${id}/tasks`,
    ({ projectId, type }) => projectId === id && CHANGES.test(type),
  );
  const tasks = data?.tasks ?? [];
  return (
    <section aria-label="Tasks">
      <Problem error={error} />
      {data !== undefined && tasks.length === 0 ? (
        <p class="empty">There are no tasks yet: the first persona makes the list.</p>
      ) : null}
      <PartOnly total={tasks.length} most={2 * BLOCK} command={`df tasks ${id.slice(0, 8)}`} />
      <Windowed
        items={tasks}
        size={BLOCK}
        height={TASK_HEIGHT}
        render={(part, from) => (
          <ul class="cards wide">
            {part.map((task, index) => (
              <Task key={task.id} task={task} place={placeIn(from + index, tasks.length)} />
            ))}
          </ul>
        )}
      />
    </section>
  );
}

function Task({ task, place }: { task: TasksShown['tasks'][number]; place: ReturnType<typeof placeIn> }) {
  return (
    <li {...place}>
      <b>{task.title}</b>{' '}
      <span class={`status ${TONES[task.status] ?? 'wait'}`}>{task.status.replaceAll('_', ' ')}</span>
      <p>{task.description}</p>
      <ul class="evidence">
        {task.evidence.map((each) => (
          <li key={`${each.kind}/${each.name}/${each.at}`} class={each.passed ? 'good' : 'bad'}>
            {each.passed ? 'passed' : 'failed'} · {each.kind} {each.name}
            {each.command === undefined ? null : (
              <>
                {': '}
                <code>{each.command}</code>
              </>
            )}
            {each.stale === true ? ' (before later changes)' : ''}
          </li>
        ))}
      </ul>
    </li>
  );
}

const TONES: Readonly<Record<string, string>> = {
  completed: 'good',
  in_progress: 'busy',
  blocked: 'bad',
};
