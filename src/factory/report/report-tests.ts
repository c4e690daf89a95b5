import type { ChangedTest, CheckResult, QualityReport, TestFigures } from '../model/gates/gate-report.ts';
import type { NotChecked, Project } from '../model/project.ts';
import type { SealedBy } from '../model/sealing/sealer.ts';

type Figures = Pick<TestFigures, 'passed' | 'failed' | 'skipped' | 'total'>;

/** What became of the tests, by the factory's own runs. */
export interface ReportTests {
  /** The newest finish gate of each persona, check by check, where the output names tests. */
  checks: {
    persona: string;
    check: string;
    before?: Figures;
    after: Figures;
    /** Failing in both, and accepted by the owner. */
    accepted: string[];
    /** Failed in one run of two. */
    flaky: string[];
  }[];
  /** What the personas ask for and gates leave out. */
  notChecked?: NotChecked[];
  /** Files of new and changed tests: fails without the work, passes without it too, not known. */
  seenRed: { red: string[]; never: string[]; unknown: string[] };
  /** Tests that ask for something else than on the base commit, with their old and new text. */
  changed?: ChangedTest[];
  /** Missing: the project has no sealed checks. `passed` is `null` as long as no gate ran them on work. */
  sealed?: {
    files: number;
    command: string;
    passed: boolean | null;
    passedOnBase: boolean | null;
    /** Who wrote them. Missing: the owner. */
    by?: SealedBy;
  };
}

/** @param gates in order of time */
export function describeTests(project: Project, gates: readonly QualityReport[]): ReportTests {
  const newest = new Map<string, QualityReport>();
  for (const gate of gates) if (gate.kind === 'finish') newest.set(gate.persona, gate);
  const files = [...newest.values()].flatMap((gate) => gate.seenRed?.files ?? []);
  const pathsOf = (outcome: (typeof files)[number]['outcome']) => [
    ...new Set(files.filter((file) => file.outcome === outcome).map((file) => file.path)),
  ];
  const { sealed, notChecked = [] } = project.settings;
  const changed = [...newest.values()].at(-1)?.changedTests ?? [];
  return {
    checks: [...newest.values()].flatMap((gate) =>
      gate.checks.flatMap((check) => describeCheck(gate.persona, check)),
    ),
    ...(notChecked.length === 0 ? {} : { notChecked }),
    ...(changed.length === 0 ? {} : { changed }),
    seenRed: { red: pathsOf('seen red'), never: pathsOf('never red'), unknown: pathsOf('unknown') },
    ...(sealed === undefined
      ? {}
      : {
          sealed: {
            files: sealed.files,
            command: sealed.command,
            passed: sealedOutcome(gates, (gate) => gate.kind !== 'baseline'),
            passedOnBase: sealedOutcome(gates, (gate) => gate.kind === 'baseline'),
            ...(sealed.by === undefined ? {} : { by: sealed.by }),
          },
        }),
  };
}

function describeCheck(persona: string, check: CheckResult): ReportTests['checks'] {
  const { tests, accepted, flaky = [], name } = check;
  if (tests === undefined) return [];
  const { passed, failed, skipped, total, before, knownFailures } = tests;
  return [
    {
      persona,
      check: name,
      ...(before === undefined ? {} : { before }),
      after: { passed, failed, skipped, total },
      accepted: accepted ? knownFailures : [],
      flaky,
    },
  ];
}

function sealedOutcome(
  gates: readonly QualityReport[],
  counts: (gate: QualityReport) => boolean,
): boolean | null {
  const gate = gates.findLast((each) => counts(each) && each.checks.some((check) => check.sealed));
  return gate?.checks.find((check) => check.sealed)?.passed ?? null;
}
