import { Suspense } from 'preact/compat';
import { useMemo, useRef, useState } from 'preact/hooks';
import { go } from '../app/router.ts';
import { useSending } from '../data/sending.ts';
import { loaded } from '../parts/loaded.tsx';
import { Problem } from '../parts/problem.tsx';
import { difference } from './difference.ts';
import { PersonaForm } from './form.tsx';
import { readFields, writeFields } from './front-matter.ts';
import { Trials } from './trials.tsx';
import type { PersonaShown } from './types.ts';
import { useVerdict } from './verdict.ts';

/** Heavier than all else of the page: it comes when the form is there already. */
const Code = loaded(async () => (await import('./code.tsx')).Code);

/**
 * Form and text side by side: the text is what is saved, the form writes into it.
 *
 * @param newest as it was read last. What is edited is the one that this began with: saved as a change of a newer one, it would undo that one
 */
export function Editor({ newest, isCopy }: { newest: PersonaShown; isCopy: boolean }) {
  const [read] = useState(newest);
  const first = isCopy ? writeFields(read.text, { name: `${read.name}-2`, version: '1.0.0' }) : read.text;
  const [text, setText] = useState(first);
  const fields = useMemo(() => readFields(text), [text]);
  const name = fields?.name ?? '';
  const verdict = useVerdict(name, text);
  const problem = verdict?.problem;
  const changed = !isCopy && newest.fileVersion !== read.fileVersion;
  return (
    <>
      {changed ? <Changed name={read.name} /> : null}
      <div class="side-by-side">
        {fields === null ? (
          <p class="problem">The front matter cannot be read: correct it in the text.</p>
        ) : (
          <PersonaForm fields={fields} set={(change) => setText((now) => writeFields(now, change))} />
        )}
        <Suspense fallback={<p>Loading…</p>}>
          <Code label="Text of the persona's file" text={text} onText={setText} />
        </Suspense>
      </div>
      <p role="status" class={problem === null || problem === undefined ? 'good' : 'bad'}>
        {problem === undefined ? '…' : problem === null ? 'This is a persona.' : `Not yet: ${problem}.`}
      </p>
      <Save read={read} isCopy={isCopy} name={name} text={text} valid={problem === null} />
      <Trials name={name} text={text} verdict={verdict} />
    </>
  );
}

function Changed({ name }: { name: string }) {
  return (
    <p class="problem" role="alert">
      <strong>{name} was changed elsewhere since you began.</strong> Your text is not saved over it: keep a
      copy of what you wrote, and load the page again.
    </p>
  );
}

interface SaveProps {
  read: PersonaShown;
  isCopy: boolean;
  name: string;
  text: string;
  valid: boolean;
}

/** Shows what changes before it is saved. Under another name than it was read by it is a new one. */
function Save({ read, isCopy, name, text, valid }: SaveProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, error, give } = useSending();
  const isNew = isCopy || name !== read.name;
  const before = isNew ? '' : read.text;
  const sameVersion = !isNew && readFields(text)?.version === read.version;
  async function save() {
    dialog.current?.close();
    const ifVersion = isNew ? null : read.fileVersion;
    if ((await give(`/personas/${encodeURIComponent(name)}`, { text, ifVersion }, 'PUT')) === undefined)
      return;
    go('/personas');
  }
  async function remove() {
    const path = `/personas/${encodeURIComponent(read.name)}?ifVersion=${read.fileVersion}`;
    if ((await give(path, {}, 'DELETE')) !== undefined) go('/personas');
  }
  return (
    <>
      <p class="orders">
        <button
          type="button"
          disabled={busy || !valid || text === before}
          onClick={() => dialog.current?.showModal()}
        >
          Save…
        </button>
        {read.source === 'home' && !isCopy ? (
          <button type="button" class="quiet" disabled={busy} onClick={() => void remove()}>
            Remove {read.name}
          </button>
        ) : null}
      </p>
      <Problem error={error} />
      <dialog ref={dialog} class="wide" aria-label="Save the persona">
        <p>
          {isNew
            ? `${name} becomes a persona of yours. Projects that are made from now on may use it.`
            : read.source === 'shipped'
              ? `A persona of your own hides the ${name} that came with the program, for projects made from now on.`
              : `Projects that work with ${name} go on with the new text.`}
        </p>
        {sameVersion ? <p class="facts">Its version is still {read.version}.</p> : null}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keyboard, too */}
        <pre class="patch" tabIndex={0}>
          {difference(before, text).map((line, index) => (
            <span key={index} class={line.kind}>
              {`${{ context: ' ', insert: '+', delete: '-' }[line.kind]}${line.text}\n`}
            </span>
          ))}
        </pre>
        <p class="orders">
          <button type="button" onClick={() => void save()}>
            Save
          </button>
          <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </p>
      </dialog>
    </>
  );
}
