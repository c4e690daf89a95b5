import { existsSync, readFileSync } from 'node:fs';
import { readTests } from '../../../../src/factory/gates/outputs/read.ts';

/** What is read from an output that a runner once printed. */
export function recorded(name: string) {
  const places = ['javascript', 'python', 'others'].map(
    (folder) => new URL(`${folder}/${name}.txt`, import.meta.url),
  );
  const file = places.find((place) => existsSync(place));
  if (file === undefined) throw new Error(`no output ${name} was recorded`);
  return readTests(readFileSync(file, 'utf8'), ['/project']);
}
