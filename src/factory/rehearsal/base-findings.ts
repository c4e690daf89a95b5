import { speaksOfNetwork } from '../gates/ecosystems/missing-program.ts';
import { TESTS } from '../gates/proof/fewer-tests.ts';
import { ABOUT_STYLE } from '../gates/run/baseline.ts';
import { asksToMend } from '../gates/run/baseline-text.ts';
import { flagOf } from '../gates/run/checks.ts';
import type { BaselineFindings } from '../gates/run/not-checked.ts';
import type { QualityReport } from '../model/gates/gate-report.ts';
import { error, type Finding, info, warn } from './finding.ts';

type Check = QualityReport['checks'][number];

/** Failing tests that are named, and characters of what a command said. */
const MOST_NAMED = 3;
const MOST_SAID = 240;

/**
 * What the gate on the base commit means for one project. Sealed checks are red before the work: that is what they are for. Pure.
 *
 * @param acceptKnown `gates.knownFailures: allow`
 */
export function baseFindings(
  { report, notChecked, unpassable }: BaselineFindings,
  description: string,
  acceptKnown: boolean,
): Finding[] {
  const held = (name: string) => unpassable.some(({ what }) => what.startsWith(`${name}:`));
  const red = report.checks.filter(({ passed, required, sealed }) => !passed && required && sealed !== true);
  return [
    ...unpassable.map((each) => error(each.what, each.do)),
    ...red.filter(({ name }) => !held(name)).flatMap((check) => redFinding(check, description, acceptKnown)),
    ...notChecked.map(({ name, why }) => notCheckedFinding(name, why)),
  ];
}

/** Of a check that nobody has to have. */
export function notCheckedFinding(name: string, why: string): Finding {
  const [what = '', remedy = `${flagOf(name)} CMD gives one`] = why.split('; ');
  return info(`${name} is not checked: ${what}`, `Nothing, or: ${remedy}`);
}

function redFinding(check: Check, description: string, acceptKnown: boolean): Finding[] {
  const { name, command, output, source } = check;
  const where = `${name}: \`${command}\` fails on the base commit`;
  const unreached = speaksOfNetwork(output);
  if (unreached !== null)
    return [
      error(
        `${where} and asks for the network, which gates do not have: ${short(unreached)}`,
        `Leave out what needs it with another command (${flagOf(name)} CMD), or let it do without`,
      ),
    ];
  if (isExpected(check, description)) return [];
  const what = `${where}, and the description does not speak of that: ${whatFailed(check)}`;
  // To write what its persona asks for may be the work.
  if (source === 'persona')
    return [warn(what, 'See that it is part of the work: the gate passes when this does')];
  const remedy = 'Mend it first, or name it in the description as part of the work';
  return acceptKnown
    ? [warn(what, `${remedy}. By gates.knownFailures: allow it stops no gate`)]
    : [error(what, `${remedy}. With gates.knownFailures: allow what failed before stops no gate`)];
}

function isExpected({ name, tests, source }: Check, description: string): boolean {
  if (name === TESTS) return asksToMend(description, tests?.failures ?? []);
  return source !== 'persona' && ABOUT_STYLE.test(description);
}

function whatFailed({ tests, output, exitCode }: Check): string {
  const names = tests?.failures ?? [];
  if (tests !== undefined && names.length > 0) {
    const named = names.slice(0, MOST_NAMED).join(', ');
    const more = names.length > MOST_NAMED ? ', …' : '';
    return `${tests.failed} of ${tests.total} (${named}${more})`;
  }
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const said = lines.slice(-2).join(' / ');
  return said === '' ? `exit code ${exitCode ?? 'none'}` : short(said);
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= MOST_SAID ? line : `${line.slice(0, MOST_SAID - 1)}…`;
}
