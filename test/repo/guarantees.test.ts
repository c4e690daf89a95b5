import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { config } from '../../src/factory/config/config.ts';
import { GRACE_MS } from '../../src/factory/finance/calls/no-attempt.ts';
import { WAKE_SPAN_MS } from '../../src/factory/finance/health/polling.ts';
import { OLD_MS } from '../../src/git/run/stale.ts';
import { parseDuration } from '../../src/lib/duration.ts';
import { LOCK_TIMINGS } from '../../src/lib/locks/lock.ts';
import { FORGOTTEN, SELDOM } from '../../src/workers/maintenance/sweep.ts';
import { LOOK } from '../../src/workers/obey-stop.ts';

const top = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/guarantees.md', top), 'utf8');
const defaults = config.parse({});

/** Cells of all rows of the table in a piece of the page, without head and rule. */
function rows(from: string, to: string): string[][] {
  const text = page.split(`${from}\n`)[1]?.split(`\n${to}`)[0] ?? '';
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const guarantees = rows('# Guarantees', '## Recovery times');
const times = rows('## Recovery times', '## ');

/** Files of a cell like "`e2e/main-job` A01 A02–A04, `factory/agent/crash`", each with the numbers that stand behind it. */
function testsIn(cell: string): { name: string; numbers: string[] }[] {
  return [...cell.matchAll(/`([\w-]+(?:\/[\w-]+)+)`((?:[ –]A\d\d)*)/g)].map(([, name = '', numbers = '']) => {
    const [first, last] = numbers.includes('–') ? (numbers.match(/\d\d/g) ?? []).map(Number) : [];
    const all =
      first === undefined || last === undefined
        ? (numbers.match(/A\d\d/g) ?? [])
        : Array.from({ length: last - first + 1 }, (_, index) => `A${first + index}`);
    return { name, numbers: all };
  });
}

describe.each([
  ['guarantees', guarantees, 5, 30],
  ['times', times, 6, 12],
] as const)('the table of %s', (_name, table, cells, least) => {
  it('has a promise, its condition, what breaks it and a test in every row', () => {
    expect(table.length).toBeGreaterThanOrEqual(least);
    for (const row of table) {
      expect(
        row.filter((cell) => cell !== ''),
        row[0],
      ).toHaveLength(cells);
      expect(testsIn(row.at(-1) ?? ''), row[0]).not.toEqual([]);
    }
  });

  it.each(table.map((row) => [row[0] ?? '', row.at(-1) ?? '']))(
    '%s: its tests are there, under the numbers named',
    (_row, cell) => {
      for (const { name, numbers } of testsIn(cell)) {
        const files = [`test/${name}.test.ts`, `test/${name}.real.test.ts`].filter((file) =>
          existsSync(new URL(file, top)),
        );
        expect(files, name).not.toEqual([]);
        const text = files.map((file) => readFileSync(new URL(file, top), 'utf8')).join('\n');
        for (const number of numbers)
          expect(text, `${name} ${number}`).toMatch(new RegExp(`\\b${number}\\b`));
      }
    },
  );
});

/** "2 × `workers.reconcileInterval` + 60s" in milliseconds. */
function milliseconds(formula: string): number {
  return formula.split(' + ').reduce((sum, term) => {
    const [, factor = '1', key, literal] = /^(?:(\d+) × )?(?:`([\w.]+)`|(\w+))$/.exec(term) ?? [];
    const value =
      key === undefined
        ? parseDuration(literal ?? '')
        : key.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], defaults);
    if (typeof value !== 'number') throw new Error(`${term} is no duration`);
    return sum + Number(factor) * value;
  }, 0);
}

describe('how soon it goes on', () => {
  it.each(times.map(([what = '', formula = '', told = '']) => ({ what, formula, told })))(
    '$what: $formula is $told with the defaults',
    ({ formula, told }) => {
      const parts = told.match(/\d+[a-z]+/g) ?? [];
      expect(milliseconds(formula)).toBe(parts.reduce((sum, part) => sum + (parseDuration(part) ?? 0), 0));
    },
  );

  const formulaOf = (start: string) => times.find(([what]) => what?.startsWith(start))?.[1];
  const s = (ms: number) => `${ms / 1_000}s`;

  it('is told as the program has it', () => {
    // A look for lost work comes at the latest after two intervals: the one that was just swallowed, and the next.
    const look = '2 × `workers.reconcileInterval`';
    const sweep = `${SELDOM + 2} × \`workers.reconcileInterval\``;
    expect(formulaOf('a worker is killed')).toBe(look);
    expect(formulaOf('processes, scratch trees')).toBe(sweep);
    expect(formulaOf('little memory')).toBe(sweep);
    expect(formulaOf('money was set aside')).toBe(`\`agent.modelTimeout\` + ${s(GRACE_MS)} + ${sweep}`);
    expect(formulaOf('the holder of')).toBe(s(LOCK_TIMINGS.silentMs + LOCK_TIMINGS.observeMs));
    expect(formulaOf('a git was killed')).toBe(s(OLD_MS));
    expect(formulaOf('money is back')).toBe(`\`pollingInterval\` + ${s(WAKE_SPAN_MS)}`);
    expect(formulaOf('`STOP` is there')).toBe(s(LOOK));
    expect(FORGOTTEN).toBe(parseDuration('1h'));
  });
});
