/** Figures and moments as people read them, in their own language and zone. */

export function usd(amount: number): string {
  return amount.toLocaleString(undefined, {
    style: 'currency',
    currency: 'USD',
    maximumFractionDigits: amount !== 0 && Math.abs(amount) < 0.1 ? 4 : 2,
  });
}

export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount.toLocaleString()} ${amount === 1 ? one : many}`;
}

/** @param ms milliseconds @returns `2h 5m`, `40s` */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return '0s';
  const shown = parts.slice(first, first + 2).filter(([amount]) => amount > 0);
  return shown.map(([amount, unit]) => `${amount}${unit}`).join(' ');
}

/** @returns `1.5 GB` */
export function bytes(amount: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, amount)) / 3));
  const figure = amount / 1_000 ** power;
  return `${figure.toLocaleString(undefined, { maximumFractionDigits: figure < 10 ? 1 : 0 })} ${units[power]}`;
}

/** What a branch changes. `null`: nothing is known of it. */
export function changes(diff: { files: number; insertions: number; deletions: number } | null): string {
  if (diff === null) return 'no changes yet';
  return `${count(diff.files, 'file')} changed, +${diff.insertions} −${diff.deletions}`;
}

/** How the checks of the newest gate came out. */
export function checks(gate: { checks: { passed: number; total: number } } | null): string {
  return gate === null ? 'no gate yet' : `gate: ${gate.checks.passed} of ${gate.checks.total} checks passed`;
}
