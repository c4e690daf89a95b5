import { posix } from 'node:path';
import { asRecord } from '../../../../lib/record.ts';
import { readJson } from '../../pins/same-content.ts';
import type { FirstFile } from '../types.ts';

/** By which tests judge. Some runtimes look where a tsconfig.json leads before they look for a package. */
const LIBRARIES = [
  'assert',
  'assert/strict',
  'node:assert',
  'node:assert/strict',
  'node:test',
  'bun:test',
  'chai',
  'expect',
  'vitest',
  'jest',
  '@jest/globals',
  '@vitest/expect',
  '@playwright/test',
  '@testing-library/react',
  'mocha',
  'should',
  'sinon',
  'tap',
  'tape',
  'ava',
  'uvu/assert',
  'power-assert',
];

/** Whether a tsconfig.json leads such a name into the repository: by an alias, or as all bare names are looked up in a folder. */
export function leadsElsewhere(text: string, { path, paths, before }: FirstFile): boolean {
  const { compilerOptions, extends: more } = asRecord(asRecord(readJson(text))['json']);
  const { baseUrl, paths: aliases } = asRecord(compilerOptions);
  const at = (name: string) => posix.join(posix.dirname(path), name).replace(/^\.\/?$|\/$/, '');
  const others = [more]
    .flat()
    .filter((each): each is string => typeof each === 'string' && /^\.{1,2}\//.test(each));
  // One that is new is looked at by its own name, where that tells.
  if (others.some((each) => !before.has(at(each)) && !/(^|\/)[tj]sconfig[^/]*$/.test(each))) return true;
  if (Object.keys(asRecord(aliases)).some(standsIn)) return true;
  if (typeof baseUrl !== 'string') return false;
  const folder = at(baseUrl);
  const places = LIBRARIES.map((name) => (folder === '' ? name : `${folder}/${name}`));
  const isThere = (place: string, each: string) =>
    each.startsWith(place) && /^(?:\.\w+|\/index\.\w+|\/package\.json)$/.test(each.slice(place.length));
  return [...paths].some((each) => places.some((place) => isThere(place, each)));
}

function standsIn(alias: string): boolean {
  const [before = '', ...rest] = alias.split('*');
  return LIBRARIES.some((name) =>
    rest.length > 0 ? name.startsWith(before) : name === alias || name.startsWith(`${alias}/`),
  );
}
