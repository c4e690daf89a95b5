import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import Ajv04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { expect, it } from 'vitest';
import type { ReviewReport } from '../../../src/factory/model/review.ts';
import { sarifOf } from '../../../src/factory/review/sarif.ts';

const HEAD = { finder: 'security', by: 'main', round: 1, why: 'Because.' };
const TEXT = { claim: 'A name leads out.', harm: 'Files are read.', runs: [] };

const REPORT: ReviewReport = {
  ...{ base: 'a'.repeat(40), head: 'b'.repeat(40), at: new Date(0), rounds: 2 },
  finders: [
    { name: 'security', state: 'answered', by: 'main' },
    { name: 'tests', state: 'unpaid', why: 'The budget is used up.' },
  ],
  findings: [
    {
      ...{ ...HEAD, ...TEXT, id: 'security-1', verdict: 'confirmed', confirmed: true },
      ...{ file: 'a folder/ä#1.js', line: 3, severity: 'critical' },
      repro: { command: 'node x', exitCode: 43 },
      runs: [{ on: 'head', exitCode: 43, ended: 'exit', outputFile: 'output/x.log' }],
    },
    {
      ...{ ...HEAD, ...TEXT, id: 'security-2', verdict: 'not_confirmed', confirmed: false },
      ...{ file: 'b.js', line: 1, severity: 'minor' },
    },
    {
      ...{ ...HEAD, ...TEXT, id: 'security-3', verdict: 'rejected', confirmed: false },
      ...{ file: 'b.js', line: 2, severity: 'major' },
    },
    { ...HEAD, id: 'security-4', verdict: 'rejected', confirmed: false, said: '{"claim":1}' },
  ],
};

it('writes SARIF that its schema takes, with every finding in it and only the confirmed ones as faults', async () => {
  const file = createRequire(import.meta.url).resolve(
    '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
  );
  const ajv = new Ajv04.default({ allErrors: true, strict: false, unicodeRegExp: false });
  addFormats.default(ajv);
  const valid = ajv.compile(JSON.parse(await readFile(file, 'utf8')));
  const sarif = JSON.parse(JSON.stringify(sarifOf(REPORT, { version: '1.2.3' })));
  valid(sarif);
  expect(valid.errors ?? []).toEqual([]);
  const { results, invocations } = sarif.runs[0];
  expect(results).toMatchObject([
    { ruleId: 'security', kind: 'fail', level: 'error', properties: { id: 'security-1', confirmed: true } },
    { kind: 'open', level: 'none', properties: { id: 'security-2', confirmed: false } },
    { kind: 'open', suppressions: [{ kind: 'external', justification: 'Because.' }] },
  ]);
  // GitHub refuses the whole file for one without.
  for (const each of results) expect(each.locations).toHaveLength(1);
  expect(results[0].locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: 'a%20folder/%C3%A4%231.js', uriBaseId: 'SRCROOT' },
    region: { startLine: 3 },
  });
  expect(invocations[0]).toMatchObject({
    executionSuccessful: false,
    toolExecutionNotifications: [
      { message: { text: expect.stringContaining('tests gave no answer') } },
      { level: 'note', message: { text: 'security-4: Because.' }, properties: { said: '{"claim":1}' } },
    ],
  });
});
