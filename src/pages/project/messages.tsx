import { useState } from 'preact/hooks';
import type { Message } from '../../factory/talk/messages.ts';
import { useMay } from '../data/me.ts';
import { useSending } from '../data/sending.ts';
import { useDocument } from '../data/use.ts';
import type { Wire } from '../data/wire.ts';
import { Problem } from '../parts/problem.tsx';
import { Questions } from '../parts/questions.tsx';
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
      <Questions projectId={id} />
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
  const { busy, error, give } = useSending();
  async function say(event: SubmitEvent) {
    event.preventDefault();
    if ((await give(`/projects/${id}/messages`, { text })) === undefined) return;
    setText('');
    onSaid();
  }
  return (
    <form onSubmit={(event) => void say(event)}>
      <label for="say">Say something to the agents: they are told with their next request</label>
      <textarea id="say" rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <button type="submit" disabled={busy || text.trim() === ''}>
        Say it
      </button>
      <Problem error={error} />
    </form>
  );
}
