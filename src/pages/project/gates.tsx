import { useDocument } from '../data/use.ts';
import { Problem } from '../parts/problem.tsx';
import { duration } from '../parts/words.ts';
import type { GateShown, PartProps } from './types.ts';

const TONES = { passed: 'good', failed: 'bad', 'not checked': 'wait' } as const;

/** What need not pass decides nothing, as `df show` has it. */
const outcomeOf = ({ passed, required }: GateShown['checks'][number]): keyof typeof TONES =>
  passed ? 'passed' : required ? 'failed' : 'not checked';

/** What the quality gates ran, and what came of it; the newest first. */
export function Gates({ id }: PartProps) {
  const { data, error } = useDocument<GateShown[]>(
    `/projects/${id}/gates`,
    (event) => event.projectId === id,
  );
  return (
    <section aria-label="Gates">
      <Problem error={error} />
      {data?.length === 0 ? <p class="empty">No gate has run yet.</p> : null}
      {(data ?? []).toReversed().map((gate) => (
        <article key={gate.id} class="gate">
          <h2>
            <span class={`status ${gate.passed ? 'good' : gate.kind === 'baseline' ? 'wait' : 'bad'}`}>
              {gate.passed ? 'passed' : 'failed'}
            </span>{' '}
            {gate.kind}{' '}
            <small>
              {gate.persona} · {gate.commit.slice(0, 12)} · {new Date(gate.timestamp).toLocaleString()}
            </small>
          </h2>
          {gate.checks.map((check) => (
            <div key={check.name}>
              <p class={TONES[outcomeOf(check)]}>
                {outcomeOf(check)} · {check.name} <code>{check.command}</code>{' '}
                <small>
                  exit {String(check.exitCode ?? 'none')} · {duration(check.durationMs ?? 0)}
                </small>
              </p>
              {check.output === '' ? null : (
                <details open={outcomeOf(check) === 'failed'}>
                  <summary>Output</summary>
                  {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long output is scrolled by keyboard, too */}
                  <pre tabIndex={0}>{check.output}</pre>
                </details>
              )}
            </div>
          ))}
          {gate.objections.map((each) => (
            <p key={each} class="problem">
              {each}
            </p>
          ))}
        </article>
      ))}
    </section>
  );
}
