/** A review as SARIF 2.1.0, the form that code hosts and editors read. */
import { createHash } from 'node:crypto';
import {
  hasForm,
  type MalformedFinding,
  type ReviewFinding,
  type ReviewReport,
  type Severity,
} from '../model/review.ts';
import { FINDERS } from './finders.ts';

const SARIF_SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

const LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  major: 'warning',
  minor: 'note',
};

/**
 * What is confirmed fails; what is not confirmed is open, as is what was rejected, which is suppressed with the reason: nothing is
 * dropped, and only what the factory has seen is shown as a fault. What has no place in a file is a notification of the run: GitHub takes
 * no file with a result that has none.
 *
 * @param tool the program's version, and where it is told of
 */
export function sarifOf(report: ReviewReport, tool: { version: string }): object {
  const rules = FINDERS.map(({ name, title, concern }) => ({
    id: name,
    name: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    shortDescription: { text: title },
    fullDescription: { text: concern },
  }));
  const heard = report.finders.every(({ state }) => state === 'answered');
  const notes = [
    ...notAnswered(report),
    ...report.findings.filter((each) => 'said' in each).map(notAFinding),
  ];
  return {
    $schema: SARIF_SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Dark Factory', semanticVersion: tool.version, rules } },
        automationDetails: { id: 'dark-factory/review/' },
        invocations: [
          {
            executionSuccessful: heard,
            endTimeUtc: report.at.toISOString(),
            ...(notes.length === 0 ? {} : { toolExecutionNotifications: notes }),
          },
        ],
        properties: { base: report.base, head: report.head, rounds: report.rounds },
        columnKind: 'utf16CodeUnits',
        results: report.findings.filter(hasForm).map(resultOf),
      },
    ],
  };
}

const notAnswered = ({ finders }: ReviewReport) =>
  finders
    .filter(({ state }) => state !== 'answered')
    .map(({ name, state, why }) => ({
      level: 'warning',
      message: { text: `The finder ${name} gave no answer (${state})${why === undefined ? '' : `: ${why}`}` },
    }));

const notAFinding = ({ id, finder, why, said }: MalformedFinding) => ({
  level: 'note',
  message: { text: `${id}: ${why}` },
  associatedRule: { id: finder },
  properties: { id, said },
});

function resultOf(finding: ReviewFinding): object {
  const { id, finder, verdict, why, confirmed, round, severity, claim, harm, repro, runs } = finding;
  return {
    ruleId: finder,
    ruleIndex: FINDERS.findIndex(({ name }) => name === finder),
    ...(confirmed ? { kind: 'fail', level: LEVEL[severity] } : { kind: 'open', level: 'none' }),
    message: { text: `${claim}\n\n${harm}` },
    ...{ locations: [locationOf(finding)], partialFingerprints: fingerprintsOf(finding) },
    ...(verdict === 'rejected'
      ? { suppressions: [{ kind: 'external', status: 'accepted', justification: why }] }
      : {}),
    properties: { id, verdict, confirmed, why, round, severity, repro: repro ?? null, runs },
  };
}

const locationOf = ({ file, line }: ReviewFinding) => ({
  physicalLocation: {
    artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'SRCROOT' },
    region: { startLine: line },
  },
});

/** The same for the same claim about the same file in the next run, whatever line it is on then. */
const fingerprintsOf = ({ finder, file, claim }: ReviewFinding) => ({
  'darkFactoryFinding/v1': createHash('sha256')
    .update(JSON.stringify([finder, file, claim]))
    .digest('hex')
    .slice(0, 32),
});
