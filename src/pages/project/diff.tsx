import { useEffect, useState } from 'preact/hooks';
import { PartOnly, Windowed } from '../parts/windowed.tsx';
import type { FileShown } from './patch.ts';
import type { PartProps } from './types.ts';

/** Lines of a block, and how high one is: pixels. Files that are open at first. */
const BLOCK = 100;
const LINE_HEIGHT = 18;
const FIRST_FILES = 20;

/** What the branch changes. */
export function Diff({ id, status }: PartProps) {
  const [files, setFiles] = useState<FileShown[]>();
  const [cut, setCut] = useState(false);
  const { updatedAt } = status.project;
  useEffect(() => {
    const stop = new AbortController();
    void show(id, stop.signal).then((found) => {
      if (found === null) return;
      setFiles(found.files);
      setCut(found.cut);
    });
    return () => stop.abort();
  }, [id, updatedAt]);
  return (
    <section aria-label="Changes">
      {files === undefined ? <p>Loading…</p> : null}
      {files?.length === 0 ? <p class="empty">Nothing is committed yet.</p> : null}
      <PartOnly
        total={(files ?? []).reduce((sum, { lines }) => sum + lines.length, 0)}
        most={2 * BLOCK}
        command={`df diff ${id.slice(0, 8)}`}
      />
      {(files ?? []).map((file, index) => (
        <File key={file.path} file={file} open={index < FIRST_FILES} />
      ))}
      {cut ? <p class="problem">There is more of it: df diff shows all.</p> : null}
    </section>
  );
}

async function show(id: string, signal: AbortSignal): Promise<{ files: FileShown[]; cut: boolean } | null> {
  try {
    const [answer, { readPatch }] = await Promise.all([
      fetch(`/api/v1/projects/${id}/diff?format=patch`, { signal, credentials: 'same-origin' }),
      import('./patch.ts'),
    ]);
    const text = answer.ok ? await answer.text() : '';
    return { files: readPatch(text), cut: answer.headers.get('X-Cut') === 'true' };
  } catch {
    // Cut, or away: the page says that it is not current.
    return null;
  }
}

function File({ file, open }: { file: FileShown; open: boolean }) {
  return (
    <details class="file" open={open}>
      <summary>
        {file.path} <span class="good">+{file.added}</span> <span class="bad">−{file.removed}</span>
      </summary>
      {file.binary ? <p class="empty">A binary file.</p> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled by keyboard, too */}
      <pre class="patch" tabIndex={0}>
        <Windowed
          items={file.lines}
          size={BLOCK}
          height={LINE_HEIGHT}
          render={(part) =>
            part.map((line, index) => (
              <span key={index} class={line.kind}>
                {`${SIGNS[line.kind]}${line.text}\n`}
              </span>
            ))
          }
        />
      </pre>
    </details>
  );
}

const SIGNS = { context: ' ', insert: '+', delete: '-', hunk: '' } as const;
