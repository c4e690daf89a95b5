import { expect } from 'vitest';
import type { DfResult } from '../../../support/processes/processes.ts';

/** One clear error on stderr and nothing on stdout; the words that must stand in it. */
export function expectRefusal(result: DfResult, code: number, ...words: string[]): void {
  expect(result.stdout).toBe('');
  expect(result.stderr).toMatch(/^error: .+\n$/);
  expect(result.stderr).not.toMatch(/\n {4}at /);
  for (const word of words) expect(result.stderr).toContain(word);
  expect(result.stderr.length).toBeLessThan(1_000);
  expect(result.code).toBe(code);
}
