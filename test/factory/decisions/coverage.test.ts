import { expect, test } from 'vitest';
import { readCoverage } from '../../../src/factory/decisions/tree/coverage.ts';

const table = (row: string) =>
  `----------|---------|----------|---------|---------|-------------------\nFile      | % Stmts | % Branch | % Funcs | % Lines | Uncovered Line #s \n${row}\n a.js     |      50 |      100 |      50 |      50 | 3-5\n`;

test.each([
  [
    'istanbul and v8',
    table('All files |   85.71 |      100 |   66.66 |   83.33 |                   '),
    83.33,
  ],
  [
    'c8 in colour',
    `\u001b[31;1m${table('All files | 1 | 2 | 3 | 4.5 |')}\u001b[0m`.replace('\u001b[31;1m', ''),
    4.5,
  ],
  ['the summary of istanbul', 'Statements   : 90% ( 9/10 )\nLines        : 88.88% ( 8/9 )\n', 88.88],
  [
    'node --test',
    'ℹ file      | line % | branch % | funcs % | uncovered lines\nℹ all files |  91.67 |   100.00 |   75.00 | \n',
    91.67,
  ],
  ['node --test as TAP', '# all files | 91.67 | 100.00 | 75.00 | \n', 91.67],
  ['pytest-cov', 'app.py      20      2    90%\nTOTAL      120     12    90%\n', 90],
  ['pytest-cov with branches', 'TOTAL    120     12     20      3    87.50%\n', 87.5],
  ['go, one package', 'ok  \texample.com/x\t0.002s\tcoverage: 81.2% of statements\n', 81.2],
  [
    'go, the mean of packages',
    'ok  \tx/a\t0.1s\tcoverage: 80.0% of statements\nok  \tx/b\t(cached)\tcoverage: 60.0% of statements in ./...\n',
    70,
  ],
  ['go tool cover', 'x/a.go:3:\tAdd\t\t100.0%\ntotal:\t\t\t(statements)\t75.0%\n', 75],
  ['cargo tarpaulin', '|| src/lib.rs: 6/7\n||\n85.71% coverage, 6/7 lines covered\n', 85.71],
  ['the last of two runs', 'TOTAL 10 5 50%\nTOTAL 10 1 90%\n', 90],
  ['no tool', '12 passed in 0.3s\nTOTAL 12\n', null],
  ['more than everything', '180% coverage, 6/7 lines covered\n', null],
  ['rubbish', 'All files | a | b | c | d |\nTOTAL 1 2 1.2.3%\n', null],
])('coverage is read as %s prints it', (_, output, expected) => {
  expect(readCoverage(output)).toBe(expected);
});
