import { describe, expect, it } from 'vitest';
import { config } from '../../../../src/factory/config/config.ts';
import { gateLimit } from '../../../../src/factory/gates/run/limit.ts';

const GIB = 1024 ** 3;
const unused = (memory: number) => ({ memory, available: memory });

describe('gates at once on a machine', () => {
  it.each([
    ['one for two cores', 8, 64, 4],
    ['as many as fit into memory', 32, 16, 4],
    ['at least one', 1, 1, 1],
  ])('are %s', (_what, cores, memory, limit) => {
    expect(gateLimit(config.parse({}), { cores, ...unused(memory * GIB) })).toBe(limit);
  });

  it('are what the owner says, whatever the machine', () => {
    expect(gateLimit(config.parse({ gates: { concurrency: 9 } }), { cores: 2, ...unused(GIB) })).toBe(9);
  });

  it.each([
    [21, 8],
    [19, 4],
    [9, 1],
  ])('with %i %% of the memory left are %i of eight', (left, limit) => {
    const machine = { cores: 64, memory: 100 * GIB, available: left * GIB };
    expect(gateLimit(config.parse({ gates: { concurrency: 8 } }), machine)).toBe(limit);
  });
});
