import { expect, it, onTestFinished } from 'vitest';
import { CHECKOUT } from '../../../src/git/run/run.ts';
import { mostMemory, tooMuchMemory, watchMemory } from '../../../src/git/traps/memory.ts';
import { until } from '../../support/until.ts';

const GIB = 1024 ** 3;

it('a checkout may take most of the memory, for it holds what a filter makes of a file; what reads an agent’s files may not', () => {
  const checkout = (total: number) => mostMemory(CHECKOUT.checksOut ?? false, () => total);
  expect([1, 2, 8, 64].map((total) => checkout(total * GIB) / GIB)).toEqual([2, 2, 6, 48]);
  expect([1, 2, 8, 64].map((total) => mostMemory(false, () => total * GIB) / GIB)).toEqual([2, 2, 2, 2]);
});

it('the limit that was exceeded is told, and what to do about it', () => {
  const [small, large] = [2, 48].map((most) => tooMuchMemory('read-tree', most * GIB));
  expect([small?.message, small?.hint]).toEqual([
    expect.stringContaining('2048 MiB'),
    expect.stringContaining('.gitignore'),
  ]);
  expect([large?.message, large?.hint]).toEqual([
    expect.stringContaining('49152 MiB'),
    expect.stringContaining('filter'),
  ]);
});

// Elsewhere no memory is watched.
it.runIf(process.platform === 'linux')(
  'a process is told of that exceeds its own limit, and another one is not',
  async () => {
    const told: string[] = [];
    const watch = (most: number, name: string) =>
      watchMemory(
        () => process.pid,
        most,
        () => told.push(name),
      );
    const ends = [watch(1024 * GIB, 'large'), watch(1024, 'small')];
    onTestFinished(() => {
      for (const end of ends) end();
    });
    await until(() => told.length > 0);
    expect(new Set(told)).toEqual(new Set(['small']));
  },
);
