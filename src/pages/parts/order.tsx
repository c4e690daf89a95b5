import { useRef } from 'preact/hooks';
import { useSending } from '../data/sending.ts';
import { Problem } from './problem.tsx';

export interface OrderProps {
  /** On the button. */
  name: string;
  /** What it will do, in words: asked before it is done. Missing: it is done at once. */
  consequence?: string;
  path: string;
  body?: unknown;
  /** It cannot be given yet. */
  disabled?: boolean;
  onDone?(): void;
}

/** A button that gives an order, says what it will do, and says what became of it. */
export function Order({ name, consequence, path, body, disabled = false, onDone }: OrderProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, error, give: order } = useSending();
  async function give() {
    dialog.current?.close();
    if ((await order(path, body)) !== undefined) onDone?.();
  }
  const ask = () => (consequence === undefined ? void give() : dialog.current?.showModal());
  return (
    <>
      <button type="button" disabled={busy || disabled} onClick={ask}>
        {busy ? `${name}…` : name}
      </button>
      {consequence === undefined ? null : (
        <dialog ref={dialog} aria-label={name}>
          <p>{consequence}</p>
          <button type="button" onClick={() => void give()}>
            {name}
          </button>{' '}
          <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </dialog>
      )}
      <Problem error={error} />
    </>
  );
}
