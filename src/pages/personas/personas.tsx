import { Suspense } from 'preact/compat';
import { useMay } from '../data/me.ts';
import { useDocument } from '../data/use.ts';
import { loaded } from '../parts/loaded.tsx';
import { Problem } from '../parts/problem.tsx';
import { TrialsOf } from './trials.tsx';
import type { FoundPersona, PersonaShown } from './types.ts';

/** The editor is loaded when something is edited. */
const Editor = loaded(async () => (await import('./editor.tsx')).Editor);

/** All personas; one of them; or a new one from another. @param path `/personas`, `/personas/NAME`, `/personas?copy=NAME` */
export function Personas({ path }: { path: string }) {
  const [place = '', query = ''] = path.split('?');
  const name = decodeURIComponent(place.split('/')[2] ?? '');
  const copied = new URLSearchParams(query).get('copy');
  if (name === '' && copied === null) return <List />;
  return <One key={path} name={copied ?? name} isCopy={copied !== null} />;
}

const SOURCES = { home: 'yours', shipped: 'came with the program', repository: "a repository's" } as const;

function List() {
  const { data, error } = useDocument<FoundPersona[]>('/personas', () => false);
  const may = useMay('owner');
  return (
    <>
      <h1>Personas</h1>
      <Problem error={error} />
      <p class="facts">
        Who works on a project, in which order, and what must pass before their work counts as done. Each is a
        Markdown file. A repository may bring its own in its folder personas.
      </p>
      <ul class="cards">
        {(data ?? []).map((each) => (
          <li key={each.name}>
            <a href={`/personas/${each.name}`}>{each.name}</a>{' '}
            <small class="facts">
              {each.version} · {SOURCES[each.source]}
            </small>
            <p>{each.description}</p>
            <p class="facts">Must pass: {mustPass(each)}</p>
            {may ? (
              <p class="orders">
                <a href={`/personas?copy=${each.name}`}>New one from {each.name}</a>
                <a href={`/personas/${each.name}#trials`}>Try it</a>
                <a href={`/new?persona=${each.name}`}>Use it in a project</a>
              </p>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  );
}

function mustPass({ config }: FoundPersona): string {
  const { testsPass, lintPass, formatPass, customChecks } = config;
  const names = [
    ...(testsPass ? ['tests'] : []),
    ...(lintPass ? ['lint'] : []),
    ...(formatPass ? ['format'] : []),
    ...customChecks.map(({ name }) => name),
  ];
  return names.length === 0 ? 'nothing' : names.join(', ');
}

function One({ name, isCopy }: { name: string; isCopy: boolean }) {
  const { data, error } = useDocument<PersonaShown>(`/personas/${encodeURIComponent(name)}`, () => false);
  const may = useMay('owner');
  return (
    <>
      <p>
        <a href="/personas">All personas</a>
      </p>
      <h1>{isCopy ? `New persona, from ${name}` : name}</h1>
      <Problem error={error} />
      {data === undefined ? null : may ? (
        <Suspense fallback={<p>Loading…</p>}>
          <Editor newest={data} isCopy={isCopy} />
        </Suspense>
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keyboard, too */}
          <pre class="report" tabIndex={0}>
            {data.text}
          </pre>
          <TrialsOf name={name} text={data.text} />
        </>
      )}
    </>
  );
}
