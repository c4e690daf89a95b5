/**
 * Whether a run says that less of the code was covered than the repository asks for: tests of before do not reach what is new. Words of
 * nyc, c8 and tap, of Jest, Vitest, Node, coverage.py and pytest-cov.
 */
export function lacksCoverage(output: string): boolean {
  return LACKS.some((words) => words.test(output));
}

const LACKS = [
  /^ERROR: Coverage for \w+ \([\d.]+%\) does not meet (?:.+ )?threshold/m,
  /^ERROR: incomplete coverage$/m,
  /^Jest: .+ coverage threshold for \w+ \(-?[\d.]+%?\) not met/m,
  /^(?:Error: )?[\d.]+% (?:line|branch|function) coverage does not meet threshold of /m,
  /^(?:ERROR: )?Coverage failure: total of [\d.]+ is less than fail-under=/m,
  /^FAIL Required test coverage of [\d.]+% not reached/m,
];
