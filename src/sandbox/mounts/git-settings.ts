import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface GitSetting {
  key: string;
  value: string;
}

/** Files that settings name, and where commands find a copy of each. */
const FILES: Readonly<Record<string, { name: string; usual: string }>> = {
  'core.excludesfile': { name: 'gitignore', usual: '.config/git/ignore' },
  'core.attributesfile': { name: 'gitattributes', usual: '.config/git/attributes' },
};
const LARGEST_FILE = 256 * 1024;

/**
 * The owner's settings as text of a git configuration for commands, with the files that they name. A filter that fails there
 * (Git LFS cannot write to the repository) leaves a file as it is, and never keeps git from answering.
 */
export async function ownersGit(
  settings: readonly GitSetting[],
  home: string,
): Promise<{ text: string; files: Record<string, string> }> {
  const files: Record<string, string> = {};
  const lines: string[] = [];
  for (const [key, { name, usual }] of Object.entries(FILES)) {
    const named = settings.findLast((each) => each.key === key)?.value ?? join(home, usual);
    const text = await readFile(named.replace(/^~(?=\/)/, home), 'utf8').catch(() => '');
    if (text === '' || text.length > LARGEST_FILE) continue;
    files[name] = text;
    lines.push(entry(key, join('/etc', name)));
  }
  for (const { key, value } of settings) if (!(key in FILES)) lines.push(entry(key, value));
  const filters = settings.flatMap(({ key }) => /^filter\.(.*)\.[^.]+$/s.exec(key)?.[1] ?? []);
  for (const name of new Set(filters)) lines.push(entry(`filter.${name}.required`, 'false'));
  if (filters.includes('lfs')) lines.push(entry('lfs.storage', '/tmp/lfs'));
  return { text: lines.join(''), files };
}

function entry(key: string, value: string): string {
  const [, section = '', inner, name = ''] = /^([^.]+)(?:\.(.*))?\.([^.]+)$/s.exec(key) ?? [];
  const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
  return `[${section}${inner === undefined ? '' : ` ${quoted(inner)}`}]\n\t${name} = ${quoted(value)}\n`;
}

const FILTER_LINE = /^\s*(clean|smudge|process|required)\s*(=|$)/i;

/** A repository's configuration without its filters: the factory's own git runs none of them either. */
export function withoutFilters(text: string): string {
  let inFilter = false;
  return text
    .split('\n')
    .filter((line) => {
      const section = /^\s*\[\s*([\w.-]+)/.exec(line)?.[1];
      if (section !== undefined) inFilter = section.toLowerCase() === 'filter';
      return !(inFilter && FILTER_LINE.test(line));
    })
    .join('\n');
}
