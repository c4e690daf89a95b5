import { useState } from 'preact/hooks';
import type { Message } from '../../factory/talk/messages.ts';
import { ApiError, send } from '../data/api.ts';
import { useMay } from '../data/me.ts';
import { useDocument } from '../data/use.ts';
import type { Wire } from '../data/wire.ts';
import { Problem } from '../parts/problem.tsx';
import type { PartProps } from './types.ts';

/** What was said to the agents, and when they were told. */
export function Messages({ id }: PartProps) {
  const { data, error, reload } = useDocument<Wire<Message>[]>(
    `/projects/${id}/messages`,
    (event) => event.projectId === id,
  );
  const may = useMay('operator');
  return (
    <section aria-label="Messages">
      <Problem error={error} />
      {data?.length === 0 ? <p class="empty">Nothing was said yet.</p> : null}
      <ol class="steps">
        {(data ?? []).map((each) => (
          <li key={each.id}>
            <p class="said owner">{each.text}</p>
            <p class="facts">
              {each.from}, {new Date(each.sentAt).toLocaleString()} ·{' '}
              {each.deliveredAt === undefined
                ? 'waits for the next request'
                : `told in step ${each.step}, ${new Date(each.deliveredAt).toLocaleTimeString()}`}
            </p>
          </li>
        ))}
      </ol>
      {may ? <Say id={id} onSaid={reload} /> : null}
    </section>
  );
}

function Say({ id, onSaid }: { id: string; onSaid(): void }) {
  const [text, setText] = useState('');
  const [error, setError] = useState<ApiError>();
  async function say(event: SubmitEvent) {
    event.preventDefault();
    try {
      await send(`/projects/${id}/messages`, { text });
      setText('');
      setError(undefined);
      onSaid();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    }
  }
  return (
    <form onSubmit={(event) => void say(event)}>
      <label for="say">Say something to the agents: they are told with their next request</label>
      <textarea id="say" rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <button type="submit" disabled={text.trim() === ''}>
        Say it
      </button>
      <Problem error={error} />
    </form>
  );
}
