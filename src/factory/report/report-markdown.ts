import { formatDuration } from '../../lib/duration.ts';
import { formatMoment, zoneName } from '../../lib/moment.ts';
import { bullets, code, escaped, inQuotes, quote, table } from '../../lib/text/markdown.ts';
import { plainText } from '../../lib/text/plain-text.ts';
import { formatUsd } from '../../lib/text/usd.ts';
import { changedTestText } from '../gates/run/describe.ts';
import type { ChangedTest } from '../model/gates/gate-report.ts';
import { type SealedBy, sealedRedText } from '../model/sealing/sealer.ts';
import type { Evidence } from '../model/task.ts';
import { failingMarkdown } from './failing-text.ts';
import { decisionsMarkdown } from './report-decisions.ts';
import { droppedMarkdown } from './report-dropped.ts';
import { moneyText } from './report-money.ts';
import { gateTable, hashesText } from './report-tables.ts';
import { talkMarkdown } from './report-talk.ts';
import type { Report, ReportTask } from './report-types.ts';
import { ACTIVITIES, ACTIVITY_NAMES } from './standing.ts';

/**
 * The report as Markdown. Whatever a model, a test run or a repository wrote is neutralised and escaped, or stands in a
 * code span: it cannot make headings, links or images of its own.
 */
export function reportMarkdown(report: Report): string {
  const sections = [
    heading(report),
    section('What failed', failureText(report)),
    section('What was asked', quote(report.asked)),
    section('Read this first', bullets(report.warnings.map(escaped))),
    taskSection('Proved', 'Completed, and commands that the factory ran say so.', report.tasks.proved),
    taskSection(
      'Only claimed',
      'Called completed without a command that shows it for the newest commit.',
      report.tasks.claimed,
    ),
    taskSection('Open', 'Not done.', report.tasks.open),
    taskSection('Skipped', 'Left out on purpose.', report.tasks.skipped),
    section('Tried and dropped', droppedMarkdown(report.dropped)),
    section('Criteria', report.criteria === null ? '' : `${report.criteria}${CRITERIA_NOTE}`),
    section('Quality gates', gateTable(report.gates)),
    section('Tests', testsText(report)),
    section('Audit', auditText(report)),
    section('Work', workText(report)),
    section('Time', timeText(report)),
    section('Money', moneyText(report)),
    section('Decisions', decisionsMarkdown(report.decisions)),
    section('Questions', talkMarkdown(report)),
    section('Incidents', incidentText(report)),
    section('Hashes', hashesText(report)),
    section('How to look at it, and take it', lookText(report)),
  ];
  return `${sections.filter((each) => each !== '').join('\n\n')}\n`;
}

/** Where the work is, for it is on no branch of the owner's until they take it. */
function placeOf({ applied, baseBranch, workBranch }: Report['project']): string {
  return applied === undefined
    ? `on ${code(workBranch)} alone, ${code(baseBranch)} was not touched`
    : `taken into ${code(applied)}`;
}

function lookText({ outcome, look }: Report): string {
  if (look.length === 0) return '';
  const warning =
    outcome.status === 'completed' ? '' : 'It is not proved: look at it before you merge it.\n\n';
  return `${warning}\`\`\`sh\n${look.map(plainText).join('\n')}\n\`\`\``;
}

function incidentText({ incidents, earlierIncidents }: Report): string {
  const earlier =
    earlierIncidents === 0 ? [] : [`${earlierIncidents} earlier ones stand in the log: df logs`];
  return bullets([
    ...earlier,
    ...incidents.map(
      (each) => `${formatMoment(new Date(each.timestamp))} ${each.level}: ${inQuotes(each.message)}`,
    ),
  ]);
}

/** Four lines that say it all, and below them whose report it is. */
function heading({
  project,
  outcome,
  publication,
  next,
  diff,
  tasks,
  money,
  time,
  generatedAt,
}: Report): string {
  // The reason of a bad end may repeat what an agent noted.
  const worded = outcome.status === 'completed' ? escaped : inQuotes;
  const reason = outcome.reason === undefined ? '' : ` ${worded(outcome.reason)}`;
  const changed =
    diff === null && time.activeMs > 0
      ? 'not known, for its branch cannot be read: the repository was moved, or the branch removed'
      : diff === null || diff.commits === 0
        ? 'nothing was committed'
        : `${counted(diff.files, 'file')} in ${counted(diff.commits, 'commit')}, ${counted(diff.insertions, 'line')} added, ${diff.deletions} removed; ${placeOf(project)}`;
  const all = Object.values(tasks).reduce((sum, list) => sum + list.length, 0);
  const cap = money.budget === undefined ? '' : ` of at most ${formatUsd(money.budget)}`;
  const status = outcome.stopped ? 'stopped' : outcome.status;
  return [
    `# ${escaped(project.name)}`,
    '',
    `- What changed: ${changed}.`,
    `- Proved: ${tasks.proved.length} of ${counted(all, 'task')}. **${status}**.${reason}`,
    `- Cost: $${money.totalSpent.toFixed(4)}${cap}, ${formatDuration(time.activeMs)} of active time.`,
    ...(publication === undefined
      ? []
      : [`- Published: <${publication.url}>${publication.draft ? ', a draft' : ''}.`]),
    `- What you do now: ${code(next)}`,
    '',
    `Project ${code(project.id)}, branch ${code(project.workBranch)} from ${code(project.baseBranch)}, by ` +
      `${project.personas.map(escaped).join(', ')}. Report of ${formatMoment(generatedAt)} (${zoneName()}), made from the factory's own records.`,
  ].join('\n');
}

function failureText({ failing, leftToTry }: Report): string {
  const left = leftToTry.length === 0 ? '' : `Left to try:\n\n${bullets(leftToTry.map(withCommands))}`;
  return [...failing.map(failingMarkdown), left].filter((each) => each !== '').join('\n\n');
}

/** A sentence with the commands in it as one types them. */
function withCommands(text: string): string {
  return text
    .split(/(\bdf [a-z][^,]*?(?=[,.](?:\s|$)))/)
    .map((part, index) => (index % 2 === 0 ? escaped(part) : ` ${code(part)}`))
    .join('');
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

function section(title: string, body: string): string {
  return body === '' ? '' : `## ${title}\n\n${body}`;
}

function taskSection(title: string, meaning: string, tasks: readonly ReportTask[]): string {
  if (tasks.length === 0) return '';
  return section(`${title} (${tasks.length})`, `${meaning}\n\n${tasks.map(taskText).join('\n')}`);
}

const CRITERIA_NOTE =
  ', which is to say: failed on the base commit. One that passes there as well says little of its task.';

function taskText(task: ReportTask): string {
  const persona = task.persona === undefined ? '' : `, ${escaped(task.persona)}`;
  const confidence = `confidence ${task.completionConfidence.toFixed(2)}`;
  const head = `- **${inQuotes(task.title)}** (${task.status}${persona}, ${confidence})`;
  const evidence = task.evidence.map((each) => `  - ${evidenceText(each)}`);
  const never = task.neverRed.map(
    (name) => `  - never red: ${inQuotes(name)} passes on the base commit as well`,
  );
  const notes = task.notes.map((note) => `  - note: ${inQuotes(note)}`);
  return [head, ...evidence, ...never, ...notes].join('\n');
}

function evidenceText(evidence: Evidence): string {
  const stale = evidence.stale ? ', stale: a later commit touched what it is about' : '';
  const outcome = evidence.passed ? 'passed' : 'failed';
  const command = evidence.command === undefined ? '' : ` ${code(evidence.command)}`;
  const exit = evidence.exitCode === undefined ? '' : `, exit ${evidence.exitCode ?? 'none'}`;
  const note = evidence.note === undefined ? '' : ` ${inQuotes(evidence.note)}`;
  const where = `${formatMoment(evidence.at)}${stale}`;
  const name = evidence.name === evidence.kind ? '' : ` ${inQuotes(evidence.name)}`;
  return `${evidence.kind}${name}: ${outcome}${command}${exit}, ${where}${note}`;
}

function testsText({ proof }: Report): string {
  const sum = (figures: { passed: number; total: number }) => `${figures.passed} of ${figures.total} passed`;
  const rows = proof.checks.flatMap(({ persona, check, before, after, accepted, flaky }) => [
    `${escaped(check)} (${escaped(persona)}): ${sum(after)}${before === undefined ? '' : `, ${sum(before)} on the base commit`}`,
    ...accepted.map((name) => `accepted by the owner, failing as before: ${code(name)}`),
    ...flaky.map((name) => `flaky, failed in one run of two: ${code(name)}`),
  ]);
  const { red, never, unknown } = proof.seenRed;
  const total = red.length + never.length + unknown.length;
  if (total > 0) rows.push(`${red.length} of ${total} files of new or changed tests have been seen red`);
  rows.push(...never.map((path) => `never red, so it proves nothing of this work: ${code(path)}`));
  rows.push(
    ...(proof.notChecked ?? []).map(({ name, why }) => `${escaped(name)}: not checked, for ${escaped(why)}`),
  );
  rows.push(...(proof.changed ?? []).map(changedRow));
  const { sealed } = proof;
  if (sealed !== undefined) {
    const outcome = { true: 'passed', false: 'failed', null: 'not run on any work yet' }[`${sealed.passed}`];
    const base = sealed.passedOnBase ? '; they passed on the base commit as well' : '';
    rows.push(`sealed checks (${sealed.files} files, ${code(sealed.command)}): ${outcome}${base}`);
    rows.push(...writerOf(sealed.by));
  }
  return bullets(rows);
}

/** Old and new text of a test, each as one piece of code on its line. */
function changedRow(changed: ChangedTest): string {
  const side = (what: string, text: string) =>
    text === '' ? [] : [`${what} ${text.split('\n').map(code).join(' ')}`];
  const sides = [...side('before', changed.before), ...side('now', changed.after)].join('; ');
  const sentence = inQuotes(changedTestText(changed));
  return sides === '' ? sentence : `${sentence}: ${sides}`;
}

function writerOf(by: SealedBy | undefined): string[] {
  if (by === undefined) return [];
  const providers = by.providers.map(({ id, model }) => `${code(id)} (${code(model)})`).join(', ');
  return [
    `the sealed checks were written by ${code(by.persona)} with ${providers} before the work began: ${sealedRedText(by)}`,
    ...by.checks
      .filter(({ outcome }) => outcome === 'never red')
      .map(({ path }) => `sealed, and never red, so it proves nothing of this work: ${code(path)}`),
  ];
}

function auditText({ audit }: Report): string {
  if (audit === undefined) return '';
  const verdict = audit.passed ? 'found every task done' : 'found open work';
  const head = `The ${audit.kind} audit by ${code(audit.judge)} at ${code(audit.commit.slice(0, 12))} ${verdict}.`;
  const findings = bullets(audit.findings.map((each) => inQuotes(each)));
  return findings === '' ? head : `${head}\n\n${findings}`;
}

function workText({ commits, diff }: Report): string {
  if (commits === null || diff === null)
    return 'There is no branch to read: it was not made yet, or repository or branch are gone.';
  const figures = `${counted(diff.commits, 'commit')}, ${counted(diff.files, 'file')} changed, ${counted(diff.insertions, 'line')} added, ${diff.deletions} removed.`;
  const log = bullets(commits.map((each) => `${code(each.hash.slice(0, 12))} ${inQuotes(each.subject)}`));
  return log === '' ? figures : `${figures}\n\n${log}`;
}

function timeText({ time, project }: Report): string {
  const rows = [
    `active ${formatDuration(time.activeMs)} of at most ${formatDuration(time.maxRuntime)}`,
    `from start to ${project.endTime === undefined ? 'now' : 'end'} ${formatDuration(time.wallMs)}`,
  ];
  const parts = ACTIVITIES.filter((each) => time.spent[each] > 0);
  if (parts.length === 0) return bullets(rows);
  const spent = parts.map((each) => [ACTIVITY_NAMES[each], formatDuration(time.spent[each])]);
  return `${bullets(rows)}\n\n${table(['where it went', 'time'], spent)}`;
}
