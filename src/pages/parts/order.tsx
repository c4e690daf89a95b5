import { useRef, useState } from 'preact/hooks';
import { ApiError, send } from '../data/api.ts';
import { Problem } from './problem.tsx';

export interface OrderProps {
  /** On the button. */
  name: string;
  /** What it will do, in words: asked before it is done. Missing: it is done at once. */
  consequence?: string;
  path: string;
  body?: unknown;
  onDone?(): void;
}

/** A button that gives an order, says what it will do, and says what became of it. */
export function Order({ name, consequence, path, body, onDone }: OrderProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  async function give() {
    dialog.current?.close();
    setBusy(true);
    setError(undefined);
    try {
      await send(path, body);
      onDone?.();
    } catch (problem) {
      setError(
        problem instanceof ApiError ? problem : new ApiError(0, 'failed', String(problem), 'Try again.'),
      );
    } finally {
      setBusy(false);
    }
  }
  const ask = () => (consequence === undefined ? void give() : dialog.current?.showModal());
  return (
    <>
      <button type="button" disabled={busy} onClick={ask}>
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
