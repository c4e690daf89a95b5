import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { CheckResult, QualityReport } from '../../model/gates/gate-report.ts';
import type { NotChecked, Project } from '../../model/project.ts';
import {
  crashedByItself,
  missingHost,
  missingPackage,
  missingProgram,
} from '../ecosystems/missing-program.ts';
import { flagOf, lacksCommand, type Obstacle } from './checks.ts';

/** Checks that a gate can do without: a repository has a linter and a formatter, or it has none. */
const MAY_BE_SKIPPED = ['Linter', 'Formatter'];

/** Required checks for which the repository names no command, and which nobody has to have. */
export function withoutCommand(checks: readonly GateCheck[]): NotChecked[] {
  return checks
    .filter(({ name, command }) => command === null && MAY_BE_SKIPPED.includes(name))
    .map(({ name }) => ({
      name,
      why: `the repository names no command for it at its base commit; ${flagOf(name)} CMD gives one`,
    }));
}

export function checkedOnes(
  checks: readonly GateCheck[],
  notChecked: readonly NotChecked[] = [],
): GateCheck[] {
  return checks.filter(({ name }) => !notChecked.some((each) => each.name === name));
}

export function withNotChecked(project: Project, more: readonly NotChecked[]): Project {
  if (more.length === 0) return project;
  const { settings } = project;
  return { ...project, settings: { ...settings, notChecked: [...(settings.notChecked ?? []), ...more] } };
}

export interface BaselineFindings {
  /** The report, in which what is not checked is not required either. */
  report: QualityReport;
  notChecked: NotChecked[];
  unpassable: Obstacle[];
}

/**
 * Looks in a baseline for checks that no work of an agent could make pass, before any work is paid for.
 *
 * @param checks what the baseline ran
 * @param skip `gates.missing: skip`
 * @param loose no lock file says which versions of linters and formatters are meant, and the work is not about what they find
 */
export function findUnpassable(
  report: QualityReport,
  checks: readonly GateCheck[],
  skip: boolean,
  loose = false,
): BaselineFindings {
  const notChecked: NotChecked[] = [];
  const unpassable: Obstacle[] = [];
  for (const check of report.checks) {
    const mayBeSkipped = MAY_BE_SKIPPED.includes(check.name);
    const found = check.source !== 'settings' && check.source !== 'persona';
    const why = whyNever(check);
    if (why === null) {
      // The repository does not hold to what it never named.
      const guessed = checks.some(({ name, guessed }) => name === check.name && guessed);
      if (mayBeSkipped && guessed && !check.passed)
        notChecked.push({ name: check.name, why: failsOnBase(check) });
      else if (mayBeSkipped && skip && loose && found && !check.passed)
        notChecked.push({ name: check.name, why: failsUnlocked(check) });
      continue;
    }
    if (skip && found && mayBeSkipped) notChecked.push({ name: check.name, why: why.short });
    else unpassable.push(why.whole);
  }
  const left = new Set(notChecked.map(({ name }) => name));
  const results = report.checks.map((check) =>
    left.has(check.name) ? { ...check, required: false } : check,
  );
  const passed = report.objections.length === 0 && results.every((each) => each.passed || !each.required);
  return { report: { ...report, checks: results, passed }, notChecked, unpassable };
}

function failsOnBase({ name, command }: CheckResult): string {
  return `\`${command}\`, which the repository does not name itself, fails on the base commit; ${flagOf(name)} CMD asks for it`;
}

function failsUnlocked({ name, command }: CheckResult): string {
  return `\`${command}\` fails on the base commit with the versions that no lock file fixes; ${flagOf(name)} CMD asks for it`;
}

/** Why, in words that go on after the name of a check, and whole. */
interface Why {
  short: string;
  whole: Obstacle;
}

function whyNever(check: CheckResult): Why | null {
  const { name, command, passed, sealed } = check;
  if (passed || sealed) return null;
  if (command === undefined) return { short: 'no command', whole: lacksCommand(name) };
  const lacks = whatLacks(check);
  if (lacks === null)
    return MAY_BE_SKIPPED.includes(name) && crashedByItself(check) ? whyCrashed(check) : null;
  const short = `\`${command}\` needs ${lacks.what}`;
  return {
    short,
    whole: {
      what: `${name}: ${short}.`,
      do: `${lacks.help} another command with ${flagOf(name)} CMD at df init.`,
    },
  };
}

/** Characters of an output's end, in which a command says what it failed for. */
const LAST_WORDS = 3_000;

/**
 * What of the machine a failed check could not do without. Tests of which some failed could run: what a program under test misses is
 * known to its tests. Where all of them passed, the command failed for what it runs besides, and says so at its end.
 */
function whatLacks({ tests, exitCode, output }: CheckResult): { what: string; help: string } | null {
  // Where none could be loaded, a package manager may say why.
  const missing = tests === undefined || tests.passed === 0 ? missingPackage({ exitCode, output }) : null;
  if (missing !== null)
    return {
      what: `the package ${missing}, which the set-up does not install`,
      help: 'Give a set-up with --setup CMD, or',
    };
  if (tests !== undefined && (tests.failed > 0 || tests.total === 0)) return null;
  const said = { exitCode, output: tests === undefined ? output : output.slice(-LAST_WORDS) };
  const host = missingHost(said);
  if (host !== null) return { what: `the network (${host}), which gates do not have`, help: 'Give' };
  const program = missingProgram(said);
  if (program === null) return null;
  return {
    what: `${program}, which this machine or the set-up does not have`,
    help: 'Install it, or give',
  };
}

function whyCrashed({ name, command }: CheckResult): Why {
  const short = `\`${command}\` crashes by itself on the base commit, whatever code it is to look at`;
  const remedy = `Give another command with ${flagOf(name)} CMD at df init.`;
  return { short, whole: { what: `${name}: ${short}.`, do: remedy } };
}
