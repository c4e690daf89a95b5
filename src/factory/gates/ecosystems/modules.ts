import { posix } from 'node:path';

/** The files that a file of this path may mean by the name of a module; none for what is installed. */
export function filesOfModule(path: string, module: string, files: ReadonlySet<string>): string[] {
  if (path.endsWith('.py')) {
    const place = module.replaceAll('.', '/').replace(/^\/+/, '');
    return [...files].filter(
      (file) => `/${file}`.endsWith(`/${place}.py`) || `/${file}`.endsWith(`/${place}/__init__.py`),
    );
  }
  const place = posix.join(posix.dirname(path), module).replace(/\.[cm]?[jt]sx?$/, '');
  return [...files].filter(
    (file) =>
      file === place || (file.startsWith(place) && /^(?:\/index)?\.[\w.]+$/.test(file.slice(place.length))),
  );
}
