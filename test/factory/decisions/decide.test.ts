import { describe, expect, test } from 'vitest';
import { config } from '../../../src/factory/config/config.ts';
import { decide, proposedDecision } from '../../../src/factory/decisions/fork/decide.ts';

const RULES = config.parse({}).decisions;

function choose(confidence: number, ...options: number[]) {
  const decision = proposedDecision(
    {
      question: 'q',
      confidence,
      options: options.map((each, index) => ({
        label: `option ${index}`,
        description: 'd',
        confidence: each,
        estimated_effort: 'low',
      })),
    },
    'engineer/3/0',
  );
  const choice = decide(decision, RULES);
  return 'fork' in choice ? choice.fork.map(({ label }) => label) : choice.continue.label;
}

describe('a decision', () => {
  test.each([
    [0.7, 'sure enough'],
    [1, 'certain'],
  ])('at %d (%s) goes on with the best option', (confidence) => {
    expect(choose(confidence, 0.3, 0.9, 0.5)).toBe('option 1');
  });

  test('below 0.7 forks into the two best of the viable options', () => {
    expect(choose(0.69, 0.3, 0.25, 0.9, 0.2)).toEqual(['option 2', 'option 0']);
  });

  test('0.2 is not above 0.2: with one viable option there is no fork', () => {
    expect(choose(0.1, 0.2, 0.6)).toBe('option 1');
  });

  test('with no viable option the best guess is taken', () =>
    expect(choose(0.1, 0.1, 0.15)).toBe('option 1'));
  test('with one option that one is taken', () => expect(choose(0.1, 0.6)).toBe('option 0'));
  test('of equal options the first named is the better', () => {
    expect(choose(0.9, 0.5, 0.5)).toBe('option 0');
    expect(choose(0.5, 0.4, 0.4, 0.4)).toEqual(['option 0', 'option 1']);
  });

  test('the same call makes the same id', () => {
    const args = { question: 'q', confidence: 1, options: [] };
    expect(proposedDecision(args, 'engineer/3/0').id).toBe('engineer-3-0');
  });
});
