import { describe, expect, it } from 'vitest';
import { runtimeOf } from '../../src/lib/process/runtime.ts';

describe('the runtime', () => {
  it('is Bun where Bun gives itself out for some Node', () => {
    expect(runtimeOf({ node: '26.3.0', bun: '1.4.5' })).toEqual({ name: 'Bun', version: '1.4.5' });
    expect(runtimeOf({ node: '20.19.0' })).toEqual({ name: 'Node.js', version: '20.19.0' });
  });

  it.each([
    [{ node: '20.18.3' }, 'Node.js 20.18.3 is too old. Install Node.js 20.19 or newer.'],
    [{ node: '18.20.0' }, 'Node.js 18.20.0 is too old. Install Node.js 20.19 or newer.'],
    // It says of itself that it is a Node that is new enough.
    [
      { node: '22.6.0', bun: '1.2.10' },
      'Bun 1.2.10 is too old. Install Bun 1.3 or newer, or Node.js 20.19 or newer.',
    ],
    [
      { node: '18.15.0', bun: '1.0.0' },
      'Bun 1.0.0 is too old. Install Bun 1.3 or newer, or Node.js 20.19 or newer.',
    ],
  ])('%j is refused in words', (versions, problem) => {
    expect(runtimeOf(versions)).toMatchObject({ problem });
  });

  it.each([
    [{ node: '21.0.0' }],
    [{ node: '24.1.0' }],
    [{ node: '24.3.0', bun: '1.3.0' }],
    [{ bun: '2.0.0' }],
  ])('%j will do', (versions) => expect(runtimeOf(versions)).not.toHaveProperty('problem'));
});
