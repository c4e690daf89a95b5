import { useEffect, useState } from 'preact/hooks';
import type { PartProps } from './types.ts';

/** The report as text: what agents wrote is shown, never rendered. */
export function Report({ id, status }: PartProps) {
  const [text, setText] = useState('Loading…');
  const { updatedAt } = status.project;
  useEffect(() => {
    const cut = new AbortController();
    fetch(`/api/v1/projects/${id}/report?format=markdown`, { signal: cut.signal, credentials: 'same-origin' })
      .then(async (answer) => setText(answer.ok ? await answer.text() : 'There is no report yet.'))
      .catch(() => {
        // The page says that it is not current.
      });
    return () => cut.abort();
  }, [id, updatedAt]);
  return (
    <section aria-label="Report">
      <pre class="report">{text}</pre>
    </section>
  );
}
