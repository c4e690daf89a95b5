/** `$0.00`, `$0.0042`, `$1.24`, `$1,200.00`; what is not zero never looks like zero. */
export function formatUsd(amount: number): string {
  if (amount > 0 && amount < 0.0001) return '<$0.0001';
  const places = amount > 0 && amount < 1 ? 4 : 2;
  // `toLocaleString` makes a formatter at every call; small amounts, which are most, need no separators.
  if (amount < 1_000 && places === 2) return `$${amount.toFixed(places)}`;
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: places, maximumFractionDigits: places })}`;
}
