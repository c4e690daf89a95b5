import { useEffect, useRef, useState } from 'preact/hooks';
import { useDocument } from '../data/use.ts';
import { Problem } from '../parts/problem.tsx';
import { count, usd } from '../parts/words.ts';
import type { PartProps, StepShown } from './types.ts';

/** Steps that are shown at first, and that are added at a time. */
const PAGE = 50;

/** What the agents say and do, as they do it; the newest below. */
export function Transcript({ id, status }: PartProps) {
  const [last, setLast] = useState(PAGE);
  const { data, error } = useDocument<StepShown[]>(
    `/projects/${id}/transcript?last=${last}`,
    (event) => event.projectId === id,
  );
  const end = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    const look = () => {
      follows.current = innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
    };
    addEventListener('scroll', look);
    return () => removeEventListener('scroll', look);
  }, []);
  useEffect(() => {
    if (follows.current && !status.project.settled) end.current?.scrollIntoView({ block: 'end' });
  }, [data, status.project.settled]);
  return (
    <section aria-label="Transcript">
      <Problem error={error} />
      {data?.length === 0 ? <p class="empty">No step was taken yet.</p> : null}
      {data !== undefined && data.length >= last ? (
        <button type="button" class="quiet" onClick={() => setLast(last + PAGE * 4)}>
          Show earlier steps
        </button>
      ) : null}
      <ol class="steps">
        {(data ?? []).map((step) => (
          <Step key={`${step.persona}/${step.step}`} step={step} />
        ))}
      </ol>
      <div ref={end} />
    </section>
  );
}

function Step({ step }: { step: StepShown }) {
  const { persona, model, tokens, cost, text, calls, messages, commits, endedAt } = step;
  return (
    <li>
      <h2>
        Step {step.step}{' '}
        <small>
          {persona} · {model ?? 'thinking…'} · {count(tokens, 'token')} · {usd(cost)} ·{' '}
          <time dateTime={step.at}>{new Date(step.at).toLocaleTimeString()}</time>
        </small>
      </h2>
      {messages.map((each) => (
        <p key={each} class="said owner">
          {each}
        </p>
      ))}
      {text === '' ? null : <p class="said">{text}</p>}
      {calls.map((call, index) => (
        <Call key={index} call={call} />
      ))}
      {commits.map(({ hash, files }) => (
        <p key={hash} class="facts">
          Committed {hash.slice(0, 12)}: {files.slice(0, 8).join(', ')}
          {files.length > 8 ? ` and ${count(files.length - 8, 'more', 'more')}` : ''}
        </p>
      ))}
      {endedAt === undefined && model !== null && calls.length === 0 ? <p class="facts">…</p> : null}
    </li>
  );
}

function Call({ call }: { call: StepShown['calls'][number] }) {
  const lines = call.output.split('\n').length;
  const state = { waiting: 'waits', running: 'at work…', done: call.isError ? 'failed' : '' }[call.state];
  return (
    <div class={`call ${call.isError ? 'bad' : ''}`}>
      <p>
        <b>{call.name}</b> <code>{titleOf(call.arguments)}</code> <small>{state}</small>
      </p>
      {call.output === '' ? null : (
        <details open={lines <= 12 || call.isError}>
          <summary>{count(lines, 'line')}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long output is scrolled by keyboard, too */}
          <pre tabIndex={0}>{call.output}</pre>
        </details>
      )}
    </div>
  );
}

/** The command or path, else all of it. */
function titleOf(given: unknown): string {
  if (typeof given !== 'object' || given === null) return String(given);
  const { command, path, title, summary, message, question, id } = given as Record<string, unknown>;
  const first = [command, path, title, question, summary, message, id].find(
    (each) => typeof each === 'string',
  );
  return typeof first === 'string' ? first : JSON.stringify(given).slice(0, 300);
}
