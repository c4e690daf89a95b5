import { describe, expect, it } from 'vitest';
import { config } from '../../src/factory/config.ts';
import { gateLimit } from '../../src/factory/gates/limit.ts';

const GIB = 1024 ** 3;

describe('gates at once on a machine', () => {
  it.each([
    ['one for two cores', 8, 64, 4],
    ['as many as fit into memory', 32, 16, 4],
    ['at least one', 1, 1, 1],
  ])('are %s', (_what, cores, memory, limit) => {
    expect(gateLimit(config.parse({}), { cores, memory: memory * GIB })).toBe(limit);
  });

  it('are what the owner says, whatever the machine', () => {
    expect(gateLimit(config.parse({ gates: { concurrency: 9 } }), { cores: 2, memory: GIB })).toBe(9);
  });
});
