import type { ComponentChildren } from 'preact';

/** A labelled input. @param hint below it, read out with it */
export function Field({
  id,
  name,
  hint,
  children,
}: {
  id: string;
  name: string;
  hint?: string;
  children: ComponentChildren;
}) {
  return (
    <p class="field">
      <label class="label" for={id}>
        {name}
      </label>
      {children}
      {hint === undefined ? null : (
        <small id={`${id}-hint`} class="hint facts">
          {hint}
        </small>
      )}
    </p>
  );
}
