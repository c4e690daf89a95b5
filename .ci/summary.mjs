/**
 * The closing line of a test run, from vitest's JSON report.
 *
 *   node .ci/summary.mjs <report> <exit code of vitest>
 *
 * A file that fails outside of its tests (it does not load, or it leaves something behind) counts as one failure. Without
 * a readable report, or when vitest failed for a reason that stands in no test, there is one failure at least.
 */
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
const { passed, failed } = count(read(file));
const failures = status === '0' ? failed : Math.max(failed, 1);
process.stdout.write(`\n${passed} passed, ${failures} failed\n`);
process.exitCode = failures === 0 && passed > 0 ? 0 : 1;

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
