import { stripVTControlCharacters } from 'node:util';

/** Most of an output that is read, from its end, in characters: sums come last. */
const LONGEST = 4 * 1024 * 1024;

/** What tools print about the share of lines (of statements, where a tool counts those) that tests ran; percent. */
const SUMS: readonly RegExp[] = [
  // istanbul, nyc, c8, and v8 of vitest and jest: statements, branches, functions, lines.
  /^All files\s*\|(?:\s*[\d.]+\s*\|){3}\s*([\d.]+)\s*(?:\||$)/gm,
  // The same tools with a summary instead of the table.
  /^Lines\s*:\s*([\d.]+)%\s*\(/gm,
  // node --test: lines, branches, functions.
  /^[#ℹ]\s*all files\s*\|\s*([\d.]+)\s*\|/gm,
  // pytest-cov: statements, missed and, where asked for, branches and those that were missed in part.
  /^TOTAL(?:\s+\d+){2}(?:\s+\d+){0,2}\s+([\d.]+)%\s*$/gm,
  // go tool cover -func
  /^total:\s+\(statements\)\s+([\d.]+)%\s*$/gm,
  // cargo tarpaulin
  /^([\d.]+)% coverage, \d+\/\d+ lines covered/gm,
];

/** One line for each package of `go test -cover`; how large a package is, it does not say. */
const GO_PACKAGE =
  /^(?:ok\s|\s*coverage:).*?coverage: ([\d.]+)% of statements|^coverage: ([\d.]+)% of statements/gm;

/**
 * The coverage that a test command printed, in percent from 0 to 100; of several runs the last. For `go test -cover` it is
 * the mean of the packages. Never more than what a tool says of itself: no gate depends on it.
 *
 * @returns `null` where the output names none in a known form
 */
export function readCoverage(output: string): number | null {
  const text = stripVTControlCharacters(output.slice(-LONGEST)).replaceAll('\r\n', '\n');
  for (const pattern of SUMS) {
    const found = percent([...text.matchAll(pattern)].at(-1)?.[1]);
    if (found !== null) return found;
  }
  const packages = [...text.matchAll(GO_PACKAGE)]
    .map((match) => percent(match[1] ?? match[2]))
    .filter((each) => each !== null);
  if (packages.length === 0) return null;
  return Math.round((packages.reduce((sum, each) => sum + each, 0) / packages.length) * 100) / 100;
}

function percent(text: string | undefined): number | null {
  const value = Number(text ?? Number.NaN);
  return value >= 0 && value <= 100 ? value : null;
}
