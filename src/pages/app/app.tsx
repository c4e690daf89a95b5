import type { ComponentType } from 'preact';
import { Suspense } from 'preact/compat';
import { useEffect, useRef, useState } from 'preact/hooks';
import { RoleContext } from '../data/me.ts';
import type { Role } from '../data/roles.ts';
import { useDocument, useLiveState } from '../data/use.ts';
import { Overview } from '../overview/overview.tsx';
import { loaded } from '../parts/loaded.tsx';
import { entitle, followLinks, usePath } from './router.ts';

/** Each page but the first is loaded when it is opened. */
const PAGES: readonly {
  path: string;
  name: string;
  /** It is reached from other pages alone. */
  unlisted?: true;
  page: ComponentType<{ path: string }>;
}[] = [
  { path: '/', name: 'Overview', page: Overview },
  { path: '/night', name: 'Night', page: loaded(async () => (await import('../night/night.tsx')).Night) },
  {
    path: '/providers',
    name: 'Providers',
    page: loaded(async () => (await import('../providers/providers.tsx')).Providers),
  },
  {
    path: '/personas',
    name: 'Personas',
    page: loaded(async () => (await import('../personas/personas.tsx')).Personas),
  },
  {
    path: '/machine',
    name: 'Machine',
    page: loaded(async () => (await import('../machine/machine.tsx')).Machine),
  },
  {
    path: '/new',
    name: 'New project',
    unlisted: true,
    page: loaded(async () => (await import('../new/new.tsx')).NewProject),
  },
  {
    path: '/projects',
    name: 'Project',
    unlisted: true,
    page: loaded(async () => (await import('../project/project.tsx')).ProjectPage),
  },
];

export function App() {
  const path = usePath();
  // Asked again after each cut of the stream, and so after each start of the server.
  const me = useDocument<{ role: Role; version: string }>('/me', () => false);
  useAnnounced(path);
  useEffect(() => {
    document.addEventListener('click', followLinks);
    return () => document.removeEventListener('click', followLinks);
  }, []);
  return (
    <div class="frame">
      <a class="skip" href="#main" data-outside>
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href="/">
          Dark Factory
        </a>
        <nav aria-label="Pages">
          {PAGES.filter((each) => each.unlisted !== true).map((each) => (
            <a key={each.path} href={each.path} aria-current={isHere(path, each.path) ? 'page' : undefined}>
              {each.name}
            </a>
          ))}
          <a href="/queues" data-outside>
            Queues
          </a>
        </nav>
        <LiveMark />
      </header>
      <Upgraded version={me.data?.version} />
      <main id="main" tabIndex={-1}>
        <RoleContext.Provider value={me.data?.role}>
          <Page path={path} />
        </RoleContext.Provider>
      </main>
    </div>
  );
}

function Page({ path }: { path: string }) {
  const found = PAGES.find((each) => isHere(path, each.path));
  if (found === undefined)
    return (
      <section>
        <h1>There is no such page</h1>
        <p>
          Begin at the <a href="/">overview</a>.
        </p>
      </section>
    );
  const Found = found.page;
  return (
    <Suspense fallback={<p>Loading…</p>}>
      <Found path={path} />
    </Suspense>
  );
}

/** Another page has a title of its own, and begins for the keyboard and for those who listen where it begins for the eye. */
function useAnnounced(path: string): void {
  const [plain = ''] = path.split('?');
  const first = useRef(plain);
  useEffect(() => {
    const found = PAGES.find((each) => isHere(plain, each.path));
    entitle(found?.name ?? 'There is no such page');
    if (first.current === plain) return;
    first.current = '';
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [plain]);
}

function isHere(path: string, page: string): boolean {
  const [plain] = path.split('?');
  return page === '/' ? plain === '/' : plain === page || (plain ?? '').startsWith(`${page}/`);
}

/** Says when the server has become another one since this page was loaded, which may know other documents. */
function Upgraded({ version }: { version: string | undefined }) {
  const [loadedFrom, setLoadedFrom] = useState(version);
  useEffect(() => setLoadedFrom((before) => before ?? version), [version]);
  if (version === undefined || loadedFrom === undefined || version === loadedFrom) return null;
  return (
    <p class="problem upgraded" role="alert">
      <strong>Dark Factory {version} runs here now.</strong> This page is of {loadedFrom}.{' '}
      <button type="button" onClick={() => location.reload()}>
        Load it again
      </button>
    </p>
  );
}

/** Says when what is shown may be old. */
function LiveMark() {
  const state = useLiveState();
  const words = {
    connecting: 'connecting…',
    live: 'live',
    cut: 'not current: the connection is cut',
    refused: 'not current: this link has expired. Open the one that df board prints now',
  }[state];
  return (
    <p class={`live ${state}`} role="status">
      {words}
    </p>
  );
}
