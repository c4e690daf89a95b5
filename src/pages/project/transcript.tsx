import { useEffect, useRef } from 'preact/hooks';
import { Problem } from '../parts/problem.tsx';
import { PartOnly, placeIn, Windowed } from '../parts/windowed.tsx';
import { count, usd } from '../parts/words.ts';
import type { PartProps, StepShown } from './types.ts';
import { useTranscript } from './use-transcript.ts';

/** Steps of a block, and about how high one is: pixels. */
const BLOCK = 10;
const STEP_HEIGHT = 160;

/** What the agents say and do, as they do it; the newest below. */
export function Transcript({ id, status }: PartProps) {
  const { seen, error, loadEarlier } = useTranscript(id);
  const place = useRef<HTMLElement>(null);
  useFollowing(place, !status.project.settled);
  const { steps = [], earlier = 0 } = seen ?? {};
  const total = earlier + steps.length;
  return (
    <section ref={place} aria-label="Transcript">
      <Problem error={error} />
      {seen !== undefined && total === 0 ? <p class="empty">No step was taken yet.</p> : null}
      <PartOnly total={total} most={2 * BLOCK} command={`df show ${id.slice(0, 8)}`} />
      {earlier > 0 ? <Earlier count={earlier} load={() => void loadEarlier()} /> : null}
      <Windowed
        items={steps}
        size={BLOCK}
        height={STEP_HEIGHT}
        first={earlier}
        render={(part, from) => (
          <ol class="steps" start={earlier + from + 1}>
            {part.map((step, index) => (
              <Step
                key={`${step.persona}/${step.step}`}
                step={step}
                place={placeIn(earlier + from + index, total)}
              />
            ))}
          </ol>
        )}
      />
    </section>
  );
}

/** Whoever is at the end of the page stays there as it grows. */
function useFollowing(place: { current: HTMLElement | null }, grows: boolean): void {
  const follows = useRef(true);
  useEffect(() => {
    const look = () => {
      follows.current = innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
    };
    addEventListener('scroll', look);
    return () => removeEventListener('scroll', look);
  }, []);
  useEffect(() => {
    const box = place.current;
    if (box === null || !grows) return;
    const watch = new ResizeObserver(() => {
      if (follows.current) scrollTo(0, document.documentElement.scrollHeight);
    });
    watch.observe(box);
    return () => watch.disconnect();
  }, [grows]);
}

/** Comes by itself to whoever scrolls up, and by its button to everybody else. */
function Earlier({ count: steps, load }: { count: number; load(): void }) {
  const place = useRef<HTMLParagraphElement>(null);
  const loads = useRef(load);
  loads.current = load;
  useEffect(() => {
    if (place.current === null) return;
    const watch = new IntersectionObserver((entries) => {
      if (scrollY > 0 && entries.at(-1)?.isIntersecting) loads.current();
    });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [steps]);
  return (
    <p ref={place}>
      <button type="button" class="quiet" onClick={load}>
        Show earlier steps: {steps.toLocaleString()}
      </button>
    </p>
  );
}

function Step({ step, place }: { step: StepShown; place: ReturnType<typeof placeIn> }) {
  const { persona, model, tokens, cost, text, calls, messages, commits, endedAt } = step;
  return (
    <li {...place}>
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
  const { command, path, title, summary, message, question, id, status, tasks } = given as Record<
    string,
    unknown
  >;
  if (Array.isArray(tasks)) return tasks.map(titleOf).join(' · ');
  if (typeof status === 'string' && typeof id === 'string')
    return `${status.replaceAll('_', ' ')} (${id.slice(0, 8)})`;
  const first = [command, path, title, question, summary, message, id].find(
    (each) => typeof each === 'string',
  );
  return typeof first === 'string' ? first : JSON.stringify(given).slice(0, 300);
}
