import { access } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { LONGEST } from '../support/longest.ts';

describe('the order of the test files', () => {
  it.each(LONGEST)('%s, which begins early, is there', async (file) => {
    await expect(access(`test/${file}`)).resolves.toBeUndefined();
  });
});
