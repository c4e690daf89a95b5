import { Field } from '../parts/field.tsx';
import type { Check, Fields } from './front-matter.ts';

interface FormProps {
  fields: Fields;
  set(change: Partial<Fields>): void;
}

/** The front matter as a form. */
export function PersonaForm({ fields, set }: FormProps) {
  return (
    <form class="form" aria-label="Fields" onSubmit={(event) => event.preventDefault()}>
      <TextField id="name" name="Name" hint="Letters, digits, dash, underscore." fields={fields} set={set} />
      <TextField
        id="version"
        name="Version"
        hint="Raise it when you change what it does."
        fields={fields}
        set={set}
      />
      <TextField id="description" name="Description" hint="One line, for lists." fields={fields} set={set} />
      <fieldset>
        <legend>Must pass before its work counts as done</legend>
        <Tick id="tests_pass" name="tests" fields={fields} set={set} />
        <Tick id="lint_pass" name="lint" fields={fields} set={set} />
        <Tick id="format_pass" name="format" fields={fields} set={set} />
        <Checks checks={fields.custom_checks} set={(custom_checks) => set({ custom_checks })} />
      </fieldset>
    </form>
  );
}

function TextField({
  id,
  name,
  hint,
  fields,
  set,
}: FormProps & { id: 'name' | 'version' | 'description'; name: string; hint: string }) {
  return (
    <Field id={`persona-${id}`} name={name} hint={hint}>
      <input
        id={`persona-${id}`}
        aria-describedby={`persona-${id}-hint`}
        value={fields[id]}
        onInput={(event) => set({ [id]: event.currentTarget.value })}
      />
    </Field>
  );
}

function Tick({
  id,
  name,
  fields,
  set,
}: FormProps & { id: 'tests_pass' | 'lint_pass' | 'format_pass'; name: string }) {
  return (
    <label class="beside">
      <input
        type="checkbox"
        checked={fields[id]}
        onChange={(event) => set({ [id]: event.currentTarget.checked })}
      />{' '}
      {name}
    </label>
  );
}

function Checks({ checks, set }: { checks: readonly Check[]; set(checks: Check[]): void }) {
  const change = (index: number, part: Partial<Check>) =>
    set(checks.map((each, at) => (at === index ? { ...each, ...part } : each)));
  return (
    <>
      {checks.map((each, index) => (
        <div key={index} class="two">
          <Field id={`check-${index}-name`} name={`Check ${index + 1}`}>
            <input
              id={`check-${index}-name`}
              value={each.name}
              onInput={({ currentTarget: { value } }) => change(index, { name: value })}
            />
          </Field>
          <Field id={`check-${index}-command`} name={`Command of check ${index + 1}`}>
            <input
              id={`check-${index}-command`}
              value={each.command}
              onInput={({ currentTarget: { value } }) => change(index, { command: value })}
            />
          </Field>
          <button type="button" class="quiet" onClick={() => set(checks.filter((_, at) => at !== index))}>
            Remove check {index + 1}
          </button>
        </div>
      ))}
      <p>
        <button
          type="button"
          class="quiet"
          onClick={() => set([...checks, { name: 'check', command: 'true' }])}
        >
          Add a check of its own
        </button>
      </p>
    </>
  );
}
