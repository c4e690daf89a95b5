import { literal } from '../../../lib/text/literal.ts';
import { nameOf } from './definitions.ts';

/*
 * Linters, type checkers and formatters leave out what ignore files name, also where git tracks it. A line that newly names tracked
 * files would hide them; one that names what builds leave is ordinary work.
 */

export const isIgnoreFile = (path: string): boolean => /^\.(?:git)?ignore$/.test(nameOf(path));

/** With more new lines than these the base commit's text counts. */
const MOST_LINES = 200;

/**
 * The text of an ignore file, without new lines that name files of the commit and with what the base commit's text excepts.
 *
 * @param old at the base commit; `null`: it has none
 * @param tracked all files of the commit
 */
export function withoutHiding(
  path: string,
  old: string | null,
  now: string,
  tracked: Iterable<string>,
): string {
  const before = linesOf(old ?? '');
  const added = linesOf(now).filter((line) => !before.includes(line) && !/^(?:#|!|$)/.test(line));
  const folder = path.slice(0, path.length - nameOf(path).length);
  const files = [...tracked]
    .filter((each) => each.startsWith(folder))
    .map((each) => each.slice(folder.length));
  const hiding = new Set(
    added.filter((line, at) => {
      const pattern = at < MOST_LINES ? patternOf(line) : null;
      return pattern === null || files.some((each) => pattern.test(each));
    }),
  );
  const kept = now
    .replace(/\n$/, '')
    .split('\n')
    .filter((line) => !hiding.has(line.trimEnd()));
  const excepted = before.filter((line) => line.startsWith('!') && !linesOf(now).includes(line));
  if (hiding.size === 0 && excepted.length === 0) return now;
  return [...kept, ...excepted].map((line) => `${line}\n`).join('');
}

const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trimEnd());

/** More of them could take long to match; which files a line means is then not asked. */
const MOST_STARS = 5;
const PARTS = /\*\*\/|\/\*\*$|\*+|\?|\[(?:\\.|[^\]\\])+\]|\\.|[^*?[\\]+|[[\\]/g;

/** What a line of an ignore file means, of paths from its folder on; `null`: not to be read. */
function patternOf(line: string): RegExp | null {
  const bare = line
    .replace(/(?:\*\*\/)+/g, '**/')
    .replace(/^\//, '')
    .replace(/\/$/, '');
  const parts = bare.match(PARTS) ?? [];
  if (parts.filter((part) => part.includes('*')).length > MOST_STARS) return null;
  const source = parts.map((part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '/**') return '/.*';
    if (part.startsWith('*')) return '[^/]*';
    if (part === '?' || (part.startsWith('[') && part.length > 1)) return '[^/]';
    return literal(part.length === 2 && part.startsWith('\\') ? part.slice(1) : part);
  });
  const isAnchored = line.replace(/\/$/, '').includes('/');
  return new RegExp(
    `^${isAnchored ? '' : '(?:.*/)?'}${source.join('')}${line.endsWith('/') ? '/' : '(?:/|$)'}`,
  );
}
