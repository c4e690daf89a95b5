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

const NAMED = /\b(?:from|import|require)\b\s*\(?\s*["'`]([^"'`\n]{1,300})["'`]/g;
/** A name `type` that is no word of the language has a comma behind it; a type that is declared ends before the next import. */
const OF_TYPES =
  /\b(?:import|export)\s+type\s+(?![,/])(?:(?!\b(?:import|export)\b)[^;"'`]){1,2000}?\bfrom\s*["'][^"'\n]*["']/g;

/** A text of JavaScript without what it has of modules for their types alone, which is gone before it runs. */
export const withoutTypes = (text: string): string => text.replace(OF_TYPES, '');

/** Names of the modules that a file of JavaScript names, also for their types alone. */
export const namedModules = (text: string): string[] =>
  [...text.matchAll(NAMED)].map(([, module = '']) => module);

/** Names of the modules that a file of JavaScript loads, by its text alone. */
export const javascriptModules = (text: string): string[] => namedModules(withoutTypes(text));

/** Whether a file of JavaScript may mean another one by the name of a module, also behind another name of its folder: `@/polyfills`. */
export function mayMean(from: string, module: string, path: string): boolean {
  const stem = path.replace(/\.\w+$/, '');
  const stems = [path, stem, stem.replace(/\/index$/, '')];
  if (module.startsWith('.')) {
    const place = posix.join(posix.dirname(from), module).replace(/\/$/, '');
    return stems.includes(place) || stems.includes(place.replace(/\.[cm]?[jt]sx?$/, ''));
  }
  const short = stem.replace(/\/index$/, '').replace(/^.*?\b(?:src|lib|app)\//, '');
  return `/${module.replace(/\.\w+$/, '').replace(/^[#~@](?=\w)/, '')}`.endsWith(`/${short}`);
}

/** What a file of Python imports, with the names that it takes from there, which may be modules. */
export function pythonModules(text: string): string[] {
  const words = (list: string) => [...list.matchAll(/(?:^|,)[\s(]*([\w.]+)/g)].map(([, word = '']) => word);
  return [
    ...text.matchAll(
      /^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]{1,5000}\)|[^\n#]+)|^[ \t]*import[ \t]+([\w., \t]+)/gm,
    ),
  ].flatMap(([, module, names = '', modules = '']) =>
    module === undefined
      ? words(modules)
      : [
          module,
          module.replace(/(?<=\w)\.\w+$/, ''),
          ...words(names).map((name) => (module.endsWith('.') ? module + name : `${module}.${name}`)),
        ],
  );
}

/** Whether a file of Python may mean another one: from its own folder, from one around it, or from where sources usually begin. */
export function mayMeanInPython(from: string, module: string, path: string): boolean {
  const stem = path.replace(/(?:\/__init__)?\.py$/, '');
  const dots = /^\.*/.exec(module)?.[0].length ?? 0;
  const place = module.slice(dots).replaceAll('.', '/');
  if (dots > 0) return posix.join(posix.dirname(from), '../'.repeat(dots - 1), place) === stem;
  if (!`/${stem}`.endsWith(`/${place}`)) return false;
  const root = stem.slice(0, stem.length - place.length);
  return from.startsWith(root) || /^(?:src|lib|app)\/$/.test(root);
}
