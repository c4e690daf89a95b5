import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { config } from '../../src/factory/model/config/config.ts';
import { parseDuration } from '../../src/lib/duration.ts';
import { EXIT_CODE } from '../../src/lib/failure.ts';

const top = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', top), 'utf8');

/** Cells of all table rows below a heading, without head and rule. */
function table(heading: string): string[][] {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** Dotted names of all keys of config.yaml. */
function keysOf(schema: unknown, prefix = ''): string[] {
  const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject)) return [prefix.slice(0, -1)];
  return Object.entries(inner.shape).flatMap(([key, value]) => keysOf(value, `${prefix}${key}.`));
}

function defaultOf(key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (value, name) => (value as Record<string, unknown> | undefined)?.[name],
      config.parse({}),
    );
}

describe('the configuration table', () => {
  const rows = table('Configuration').map(([key = '', value = '', meaning = '']) => ({
    key: key.replaceAll('`', ''),
    value: value.replaceAll('`', ''),
    meaning,
  }));

  it('names every key once, in the order of the schema, with a meaning', () => {
    expect(rows.map((row) => row.key)).toEqual(keysOf(config));
    expect(rows.filter((row) => row.meaning === '')).toEqual([]);
  });

  it.each(rows)('tells the true default of $key', ({ key, value }) => {
    const told = value === '–' ? undefined : (parseDuration(value) ?? parse(value));
    expect(told).toEqual(defaultOf(key));
  });
});

it('names every exit code', () => {
  const codes = table('Exit codes').map(([code]) => Number(code));
  expect(codes).toEqual([0, ...Object.values(EXIT_CODE)].sort());
});

it('links only to files that are there, and names only scripts that are there', () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^https?:/.test(link));
  expect(links.filter((link) => !existsSync(new URL(link, top)))).toEqual([]);
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', top), 'utf8')) as { scripts: object };
  const named = [...readme.matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1]);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});
