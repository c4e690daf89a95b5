import { useEffect, useRef, useState } from 'preact/hooks';
import type { TrialOutcome, TrialPlan } from '../../producers/trial/trial.ts';
import { useMay } from '../data/me.ts';
import { type Loaded, useDocument } from '../data/use.ts';
import type { Wire } from '../data/wire.ts';
import { Field } from '../parts/field.tsx';
import { Order } from '../parts/order.tsx';
import { Problem } from '../parts/problem.tsx';
import { Status } from '../parts/status.tsx';
import { changes, checks, count, duration, usd } from '../parts/words.ts';
import { useVerdict, type Verdict } from './verdict.ts';

type Shown = Wire<TrialOutcome>;

interface Props {
  name: string;
  /** What is tried, saved or not. */
  text: string;
}

/** For whoever may try a persona and not change it. */
export function TrialsOf(props: Props) {
  return <Trials {...props} verdict={useVerdict(props.name, props.text)} />;
}

/** Tries a persona on a small repository, with its cost shown before; below it what came of earlier trials. */
export function Trials({ name, text, verdict }: Props & { verdict: Verdict | undefined }) {
  const place = useRef<HTMLElement>(null);
  const trials: Loaded<Shown[]> = useDocument<Shown[]>(
    name === '' ? null : `/personas/${encodeURIComponent(name)}/trials`,
    ({ projectId }) => trials.data?.some(({ id }) => id === projectId) === true,
  );
  const { data, error, reload } = trials;
  useEffect(() => {
    if (location.hash === '#trials') place.current?.scrollIntoView();
  }, []);
  const may = useMay('operator');
  return (
    <section ref={place} aria-labelledby="trials">
      <h2 id="trials">Try it</h2>
      <p class="facts">
        On a small repository of the factory's own: a shop in which one test fails, and to which a discount is
        to be added. What is tried is the text as it stands here, saved or not.
      </p>
      {may && verdict?.problem === null && verdict.trial !== undefined ? (
        <Begin name={name} text={text} plan={verdict.trial} onDone={reload} />
      ) : null}
      <Problem error={error} />
      <ul class="cards wide">
        {(data ?? []).map((each) => (
          <Trial key={each.id} trial={each} />
        ))}
      </ul>
    </section>
  );
}

function Begin({ name, text, plan, onDone }: Props & { plan: TrialPlan; onDone(): void }) {
  const [cap, setCap] = useState(String(plan.budget));
  const [task, setTask] = useState(plan.task);
  const budget = Number(cap.replace(/^\s*\$\s*/, ''));
  const [first] = plan.estimates.filter(({ cost }) => cost !== null);
  const about = first === undefined ? '' : ` about ${usd(first.cost ?? 0)} with ${first.provider},`;
  return (
    <>
      <ul>
        {plan.estimates.map(({ provider, model, requests, cost }) => (
          <li key={provider} class={cost === null || cost > budget ? 'bad' : undefined}>
            {cost === null
              ? `${provider}: no price is known for ${model}, so it is not asked`
              : `${provider}: about ${usd(cost)}, for some ${count(requests, 'request')} to ${model}${cost > budget ? ': more than it may spend' : ''}`}
          </li>
        ))}
      </ul>
      {plan.estimates.length === 0 ? <p class="problem">No provider may work for it.</p> : null}
      <div class="form">
        <Field
          id="trial-budget"
          name="At most, in USD"
          hint="No request is made that could cost more than what is left."
        >
          <input
            id="trial-budget"
            inputMode="decimal"
            aria-describedby="trial-budget-hint"
            value={cap}
            onInput={(event) => setCap(event.currentTarget.value)}
          />
        </Field>
      </div>
      <details>
        <summary>Its task</summary>
        <label for="trial-task">What it is to do there</label>
        <textarea
          id="trial-task"
          rows={5}
          value={task}
          onInput={(event) => setTask(event.currentTarget.value)}
        />
      </details>
      <p class="orders">
        <Order
          name="Try it"
          consequence={`It works for real, for money:${about} and ${usd(budget)} at the most. What it does is shown here.`}
          path={`/personas/${encodeURIComponent(name)}/trials`}
          body={{ text, budget, task }}
          disabled={!(budget > 0)}
          onDone={onDone}
        />
      </p>
    </>
  );
}

function Trial({ trial }: { trial: Shown }) {
  const { id, at, budget, turns, cost, possible, activeMs, did, diff, gate, statusReason } = trial;
  return (
    <li>
      <a href={`/projects/${id}`}>{new Date(at).toLocaleString()}</a> <Status project={trial} />
      {statusReason === undefined ? null : <p class="why">{statusReason}</p>}
      <p class="facts">
        {count(turns, 'turn')} · {usd(cost)}
        {budget === undefined ? '' : ` of at most ${usd(budget)}`}
        {possible > 0 ? `, and ${usd(possible)} at most for replies that were lost` : ''} ·{' '}
        {duration(activeMs)}
        {` · ${checks(gate)} · ${changes(diff)}`}
      </p>
      <ul class="evidence">
        {did.map(({ title, status }, index) => (
          <li key={index}>
            {title}: {status.replaceAll('_', ' ')}
          </li>
        ))}
      </ul>
      <p class="facts">
        <a href={`/projects/${id}?tab=diff`}>what it changed</a>
      </p>
    </li>
  );
}
