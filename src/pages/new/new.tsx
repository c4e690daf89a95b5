import { useState } from 'preact/hooks';
import type { Project } from '../../factory/model/project.ts';
import { go } from '../app/router.ts';
import { useMay } from '../data/me.ts';
import { useSending } from '../data/sending.ts';
import { useDocument } from '../data/use.ts';
import type { Wire } from '../data/wire.ts';
import { Field } from '../parts/field.tsx';
import { Problem } from '../parts/problem.tsx';
import { type Answers, bodyOf, COMMANDS, EMPTY } from './answers.ts';

/** A project from a form: the fields of `df init`, checked by the server. */
export function NewProject({ path }: { path: string }) {
  const wanted = new URLSearchParams(path.split('?')[1]).get('persona');
  const [answers, setAnswers] = useState<Answers>({ ...EMPTY, persona: wanted ?? EMPTY.persona });
  const { busy, error, give } = useSending();
  const [notStarted, setNotStarted] = useState<Wire<Project>>();
  const may = useMay('operator');
  const set = (change: Partial<Answers>) => setAnswers((before) => ({ ...before, ...change }));
  async function make(event: SubmitEvent, start: boolean) {
    event.preventDefault();
    const made = await give<Wire<Project>>('/projects', bodyOf(answers));
    if (made === undefined) return;
    // What was refused is shown here: the project's own page would not say why it does not begin.
    if (start && (await give(`/projects/${made.id}/start`)) === undefined) setNotStarted(made);
    else go(`/projects/${made.id}`);
  }
  if (notStarted !== undefined)
    return (
      <section aria-labelledby="title">
        <h1 id="title">{notStarted.name} is made, and not started</h1>
        <Problem error={error} />
        <p>
          It can be started on <a href={`/projects/${notStarted.id}`}>its page</a>.
        </p>
      </section>
    );
  return (
    <section aria-labelledby="title">
      <h1 id="title">New project</h1>
      {may ? null : (
        <p class="problem">
          Your role may look only. To make projects, open the link of df board --writable, or use a token of
          an operator.
        </p>
      )}
      <form
        class="form"
        onSubmit={(event) => {
          const by = event.submitter?.getAttribute('value');
          void make(event, by !== 'later');
        }}
      >
        <What answers={answers} set={set} />
        <Limits answers={answers} set={set} />
        <details>
          <summary>Branch and commands</summary>
          <Text
            id="base"
            name="Base branch"
            hint="Empty: the one that is checked out."
            answers={answers}
            set={set}
          />
          {COMMANDS.map(({ id, name, hint, none }) => (
            <Field key={id} id={id} name={name} hint={hint}>
              <input
                id={id}
                aria-describedby={`${id}-hint`}
                value={answers[id] ?? ''}
                disabled={answers[id] === null}
                onInput={(event) => set({ [id]: event.currentTarget.value })}
              />
              <label class="beside">
                <input
                  type="checkbox"
                  checked={answers[id] === null}
                  onChange={(event) => set({ [id]: event.currentTarget.checked ? null : '' })}
                />{' '}
                {none}
              </label>
            </Field>
          ))}
        </details>
        <Problem error={error} />
        <p class="orders">
          <button type="submit" disabled={busy || !may} value="now">
            {busy ? 'Making it…' : 'Make and start it'}
          </button>
          <button type="submit" class="quiet" disabled={busy || !may} value="later">
            Make it only
          </button>
        </p>
        <p class="facts">Started, workers begin with it, and it spends money. It never pushes.</p>
      </form>
    </section>
  );
}

interface PartProps {
  answers: Answers;
  set(change: Partial<Answers>): void;
}

function What({ answers, set }: PartProps) {
  const personas = useDocument<{ name: string; description: string }[]>('/personas', () => false);
  return (
    <>
      <Text
        id="name"
        name="Name"
        hint="Short; part of the branch's name."
        required
        answers={answers}
        set={set}
      />
      <Field
        id="description"
        name="Task"
        hint="What is to be done, and how one sees that it is. The agents read it word for word."
      >
        <textarea
          id="description"
          rows={7}
          required
          aria-describedby="description-hint"
          value={answers.description}
          onInput={(event) => set({ description: event.currentTarget.value })}
        />
      </Field>
      <Text
        id="repo"
        name="Repository"
        hint="The path of a git repository on the machine that serves this page."
        required
        answers={answers}
        set={set}
      />
      <Field
        id="persona"
        name="Personas"
        hint="In order, with commas between them. Empty: as config.yaml says, usually the engineer."
      >
        <input
          id="persona"
          list="personas"
          aria-describedby="persona-hint"
          value={answers.persona}
          onInput={(event) => set({ persona: event.currentTarget.value })}
        />
        <datalist id="personas">
          {(personas.data ?? []).map(({ name, description }) => (
            <option key={name} value={name}>
              {description}
            </option>
          ))}
        </datalist>
      </Field>
    </>
  );
}

function Limits(props: PartProps) {
  return (
    <div class="two">
      <Text id="budget" name="Budget in USD" hint="Not a cent more. Empty: none of its own." {...props} />
      <Text
        id="maxRuntime"
        name="Active time at most"
        hint="Such as 90m or 8h. Empty: as config.yaml says, usually 12h."
        {...props}
      />
    </div>
  );
}

function Text({
  id,
  name,
  hint,
  required = false,
  answers,
  set,
}: PartProps & {
  id: 'name' | 'repo' | 'base' | 'budget' | 'maxRuntime';
  name: string;
  hint: string;
  required?: boolean;
}) {
  return (
    <Field id={id} name={name} hint={hint}>
      <input
        id={id}
        required={required}
        aria-describedby={`${id}-hint`}
        value={answers[id]}
        onInput={(event) => set({ [id]: event.currentTarget.value })}
      />
    </Field>
  );
}
