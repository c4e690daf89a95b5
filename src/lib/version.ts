import { readFileSync } from 'node:fs';

/** A file or folder of this package. @param path below its top, with `/` at the end of a folder's */
export function packageFile(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}

/** This program's, from its package.json; `unknown` when that says none. */
export function readVersion(): string {
  const file = packageFile('package.json');
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const version =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
