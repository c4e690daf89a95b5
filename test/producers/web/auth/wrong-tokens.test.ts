import { expect, it } from 'vitest';
import { createWrongTokens } from '../../../../src/producers/web/auth/wrong-tokens.ts';

it('A140 holds nobody up for longer than a minute, also when the clock is set back meanwhile', () => {
  const tokens = createWrongTokens();
  const ahead = new Date('2031-01-01T00:00:00Z');
  for (let times = 0; times < 10; times += 1) tokens.count('10.0.0.1', ahead);
  expect(tokens.heldUp('10.0.0.1', ahead)).toBe(60);
  expect(tokens.heldUp('10.0.0.1', new Date('2026-11-29T12:00:00Z'))).toBe(0);
});
