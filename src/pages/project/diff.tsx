import { getText } from '../data/api.ts';
import { useMade } from '../data/use.ts';
import { Problem } from '../parts/problem.tsx';
import { ENDED } from '../parts/status.tsx';
import { PartOnly, Windowed } from '../parts/windowed.tsx';
import type { FileShown } from './patch.ts';
import type { PartProps } from './types.ts';

/** Lines of a block, and how high one is: pixels. Files that are open at first. */
const BLOCK = 100;
const LINE_HEIGHT = 18;
const FIRST_FILES = 20;

/** What the branch changes. */
export function Diff({ id, status: { project } }: PartProps) {
  const { data, error, headers } = useMade(`/projects/${id}/diff?format=patch`, project.updatedAt, loadPatch);
  const files = data ?? [];
  return (
    <section aria-label="Changes">
      <Problem error={error} />
      {data === undefined && error === undefined ? <p>Loading…</p> : null}
      {data?.length === 0 ? <p class="empty">{nothingText(project)}</p> : null}
      <PartOnly
        total={files.reduce((sum, { lines }) => sum + lines.length, 0)}
        most={2 * BLOCK}
        command={`df diff ${id.slice(0, 8)}`}
      />
      {files.map((file, index) => (
        <File key={file.path} file={file} open={index < FIRST_FILES} />
      ))}
      {headers?.get('X-Cut') === 'true' ? (
        <p class="problem">There is more of it: df diff shows all.</p>
      ) : null}
    </section>
  );
}

async function loadPatch(
  path: string,
  signal: AbortSignal,
): Promise<{ data: FileShown[]; headers: Headers }> {
  const [{ data, headers }, { readPatch }] = await Promise.all([getText(path, signal), import('./patch.ts')]);
  return { data: readPatch(data), headers };
}

function nothingText({ status, started, baselineGate }: PartProps['status']['project']): string {
  if (!ENDED.has(status))
    return started ? 'Nothing is committed yet.' : 'Nothing is committed: it was not started yet.';
  return baselineGate === undefined ? 'It ended before its work began.' : 'It ended without a change.';
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
