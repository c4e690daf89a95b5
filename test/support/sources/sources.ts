import { readdirSync, readFileSync } from 'node:fs';

const TOP = new URL('../../../', import.meta.url).pathname;

/** Path from the repository's top → text, of all TypeScript below a folder. */
export function sourcesOf(folder: string): Map<string, string> {
  const files = readdirSync(`${TOP}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => `${folder}/${file}`);
  return new Map(files.map((file) => [file, readFileSync(`${TOP}${file}`, 'utf8')]));
}
