import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addEarlier, addNewest, type Seen } from '../../src/pages/project/steps.ts';
import type { StepShown } from '../../src/pages/project/types.ts';

/** Steps `from` to `to`, as the server tells them. */
const steps = (from: number, to: number): Seen => ({
  earlier: from,
  steps: Array.from({ length: to - from }, (_, index) => ({ step: from + index }) as StepShown),
});

it('a transcript on the page has no step twice and none missing, however it grows meanwhile', () => {
  const look = fc.oneof(
    fc.record({ kind: fc.constant('newest' as const), grown: fc.nat(90) }),
    fc.record({ kind: fc.constant('earlier' as const), grown: fc.nat(90) }),
  );
  fc.assert(
    fc.property(fc.nat(500), fc.array(look, { maxLength: 12 }), (start, looks) => {
      let total = start;
      let seen = addNewest(undefined, steps(Math.max(0, total - 50), total));
      for (const { kind, grown } of looks) {
        total += grown;
        if (kind === 'newest') seen = addNewest(seen, steps(Math.max(0, total - 50), total));
        else {
          const end = total - seen.steps.length;
          seen = addEarlier(seen, steps(Math.max(0, end - 200), end));
        }
        const numbers = seen.steps.map(({ step }) => step);
        expect(numbers).toEqual(numbers.map((_, index) => seen.earlier + index));
      }
      seen = addNewest(seen, steps(Math.max(0, total - 50), total));
      expect(seen.earlier + seen.steps.length).toBe(total);
    }),
  );
});
