import type { CostShown } from './types.ts';

/** What requests came to one after the other: USD that are known to be billed, tokens, and when, in seconds. */
export function addedUp(entries: readonly CostShown[]): { at: number; cost: number; tokens: number }[] {
  let [cost, tokens] = [0, 0];
  return [...entries]
    .sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp))
    .map((each) => {
      // What is only possible is shown apart.
      cost += each.possible ? 0 : each.cost;
      tokens += each.tokensUsed;
      return { at: Date.parse(each.timestamp) / 1_000, cost, tokens };
    });
}
