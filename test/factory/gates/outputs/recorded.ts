import { existsSync, readFileSync } from 'node:fs';
import { readTests } from '../../../../src/factory/gates/outputs/read.ts';

/** An output that a runner once printed. */
export function recordedText(name: string): string {
  const places = ['javascript', 'python', 'others'].map(
    (folder) => new URL(`${folder}/${name}.txt`, import.meta.url),
  );
  const file = places.find((place) => existsSync(place));
  if (file === undefined) throw new Error(`no output ${name} was recorded`);
  return readFileSync(file, 'utf8');
}

/** What is read from it. */
export function recorded(name: string) {
  return readTests(recordedText(name), ['/project']);
}
