import { basicSetup, EditorView } from 'codemirror';
import { useEffect, useRef } from 'preact/hooks';

const LOOK = EditorView.theme({
  '&': {
    backgroundColor: 'var(--panel)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    fontSize: '0.85rem',
    maxHeight: '75vh',
  },
  '.cm-gutters': { backgroundColor: 'var(--back)', color: 'var(--quiet)', border: '0' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused': { outline: '2px solid var(--link)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'light-dark(#cfe3ff, #24466f) !important',
  },
  '.cm-scroller': { fontFamily: 'ui-monospace, monospace', minHeight: '20rem' },
});

/** A text that is edited. @param label read out with it */
export function Code({ label, text, onText }: { label: string; text: string; onText(text: string): void }) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const told = useRef(onText);
  told.current = onText;
  /** What was typed and has not come back as `text` yet: putting it in again would take back what was typed since. */
  const typed = useRef<string[]>([]);
  /** A change comes from elsewhere, the form. */
  const outside = useRef(false);
  useEffect(() => {
    if (place.current === null) return;
    const made = new EditorView({
      parent: place.current,
      doc: text,
      extensions: [
        basicSetup,
        EditorView.lineWrapping,
        LOOK,
        // Browsers reach what can be edited by themselves; a screen reader's list of stops is told.
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged || outside.current) return;
          typed.current.push(update.state.doc.toString());
          told.current(update.state.doc.toString());
        }),
      ],
    });
    view.current = made;
    return () => made.destroy();
    // What is typed comes from the view itself; changes of the form are put in below.
  }, [label]);
  useEffect(() => {
    const own = typed.current.indexOf(text);
    typed.current = typed.current.slice(own + 1);
    const now = view.current?.state.doc.toString();
    if (own >= 0 || now === undefined || now === text) return;
    typed.current = [];
    outside.current = true;
    view.current?.dispatch({ changes: { from: 0, to: now.length, insert: text } });
    outside.current = false;
  }, [text]);
  return <div ref={place} />;
}
