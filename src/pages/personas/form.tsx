import { useState } from 'preact/hooks';
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
      <fieldset>
        <legend>Who works for it, and with what</legend>
        <TextField
          id="model"
          name="Model"
          hint="A tier (small, medium, large) or a provider's id. Empty: whichever the project has."
          fields={fields}
          set={set}
        />
        <Effort fields={fields} set={set} />
        <Tools tools={fields.tools} set={(tools) => set({ tools })} />
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
}: FormProps & { id: 'name' | 'version' | 'description' | 'model'; name: string; hint: string }) {
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

function Effort({ fields, set }: FormProps) {
  return (
    <Field id="persona-effort" name="Effort" hint="How much its model thinks, where that can be told.">
      <select
        id="persona-effort"
        aria-describedby="persona-effort-hint"
        value={fields.effort}
        onChange={(event) => set({ effort: event.currentTarget.value })}
      >
        <option value="">as the provider says</option>
        {['low', 'medium', 'high'].map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** What is typed stays as it is while names are still to come. */
function Tools({ tools, set }: { tools: readonly string[]; set(tools: string[]): void }) {
  const [typed, setTyped] = useState<string>();
  return (
    <Field
      id="persona-tools"
      name="Tools"
      hint="Names with commas. Empty: all. It can always change its tasks and finish."
    >
      <input
        id="persona-tools"
        aria-describedby="persona-tools-hint"
        value={typed ?? tools.join(', ')}
        onInput={({ currentTarget: { value } }) => {
          setTyped(value);
          set(
            value
              .split(',')
              .map((name) => name.trim())
              .filter((name) => name !== ''),
          );
        }}
        onBlur={() => setTyped(undefined)}
      />
    </Field>
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
