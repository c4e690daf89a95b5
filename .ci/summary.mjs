/**
 * The closing line of a run, from vitest's JSON report.
 *
 *   node .ci/summary.mjs <report> <exit code of the check> <exit code of the tests>
 *
 * A file that fails outside of its tests (it does not load, or it leaves something behind) counts as one failure, and so
 * does a failed check. Without a readable report, or when vitest failed for a reason that stands in no test, there is one
 * failure at least.
 */
import { readFileSync } from 'node:fs';

const [file, check, test] = process.argv.slice(2);
const counted = count(read(file));
const inTests = test === '0' ? counted.failed : Math.max(counted.failed, 1);
const failed = inTests + (check === '0' ? 0 : 1);
process.stdout.write(`\n${check === '0' ? '' : 'npm run check failed; see above.\n'}`);
process.stdout.write(`${counted.passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && counted.passed > 0 ? 0 : 1;

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    process.stderr.write(`no test report: ${error.message}\n`);
    return { testResults: [] };
  }
}

function count(report) {
  const results = report.testResults.flatMap((result) => {
    const statuses = result.assertionResults.map((test) => test.status);
    const outside = result.status === 'failed' && !statuses.includes('failed');
    return outside ? [...statuses, 'failed'] : statuses;
  });
  return {
    passed: results.filter((result) => result === 'passed').length,
    failed: results.filter((result) => result === 'failed').length,
  };
}
