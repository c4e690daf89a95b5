import { useDocument } from '../data/use.ts';
import { useMore } from '../parts/more.tsx';
import { Problem } from '../parts/problem.tsx';
import type { PartProps, TasksShown } from './types.ts';

/** At first, and at a time. */
const FIRST = 200;

/** The task list with the evidence for each. */
export function Tasks({ id }: PartProps) {
  const { data, error } = useDocument<TasksShown>(`/projects/${id}/tasks`, (event) => event.projectId === id);
  const tasks = data?.tasks ?? [];
  const [shown, more] = useMore(tasks.length, FIRST, FIRST);
  return (
    <section aria-label="Tasks">
      <Problem error={error} />
      {data !== undefined && tasks.length === 0 ? (
        <p class="empty">There are no tasks yet: the first persona makes the list.</p>
      ) : null}
      <ul class="cards wide">
        {tasks.slice(0, shown).map((task) => (
          <li key={task.id}>
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
        ))}
      </ul>
      {more}
    </section>
  );
}

const TONES: Readonly<Record<string, string>> = {
  completed: 'good',
  in_progress: 'busy',
  blocked: 'bad',
};
