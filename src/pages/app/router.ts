/** Addresses of pages, without a page load between them. */
import { useEffect, useState } from 'preact/hooks';

/** The path of the page that is shown, and what stands behind `?`. */
export function usePath(): string {
  const [path, setPath] = useState(here());
  useEffect(() => {
    const moved = () => setPath(here());
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);
  return path;
}

/** Leads to another of these pages. */
export function go(path: string): void {
  if (path === here()) return;
  history.pushState(null, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** What tabs, history and screen readers call the page. */
export function entitle(what: string): void {
  document.title = `${what} · Dark Factory`;
}

/** For the whole document: links within these pages need no page load. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
    return;
  const link = (event.target as Element).closest('a');
  if (link === null || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download'))
    return;
  if (link.dataset['outside'] !== undefined) return;
  event.preventDefault();
  go(`${link.pathname}${link.search}${link.hash}`);
  scrollTo(0, 0);
}

function here(): string {
  return `${location.pathname}${location.search}`;
}
