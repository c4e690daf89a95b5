import { formatDuration } from '../../lib/duration.ts';
import { bullets, code, escaped, inQuotes, quote, table } from '../../lib/text/markdown.ts';
import { redactText } from '../../lib/text/redact.ts';
import { formatUsd } from '../../lib/text/usd.ts';
import type { Evidence } from '../model/task.ts';
import { gateTable } from '../report/report-tables.ts';
import type { Report, ReportTask } from '../report/report-types.ts';
import type { Publishable } from './publishable.ts';

const BEGIN =
  '<!-- dark-factory:begin; what stands up to the end mark is written anew with each publication -->';
const END = '<!-- dark-factory:end -->';
/** Forges take some more. */
const MOST_CHARACTERS = 60_000;
const MOST_OF_TASK = 3_000;
const MOST_ROWS = 80;

/**
 * What a pull request says of the work: the report in short, with the evidence of what was published. All of others' words in it is
 * quoted, and calls nobody and refers to nothing at the forge.
 */
export function pullBody(report: Report, { commit, proved }: Publishable): string {
  const { project, tasks, gates, audit, warnings, proof } = report;
  const all = [...tasks.proved, ...tasks.claimed, ...tasks.open, ...tasks.skipped];
  const parts = [
    proved ? '' : NOT_PROVED,
    quote(cut(report.asked, MOST_OF_TASK)),
    bullets(figures(report, all.length)),
    section('Read this first', bullets(warnings.map(escaped))),
    section('Evidence', evidenceTable(all)),
    section('Quality gates', gateTable(gates.filter((gate) => gate.commit === commit))),
    section(
      'Not checked',
      bullets((proof.notChecked ?? []).map(({ name, why }) => `${escaped(name)}: ${escaped(why)}`)),
    ),
    audit === undefined
      ? ''
      : `The ${audit.kind} audit by ${code(audit.judge)} at ${code(audit.commit.slice(0, 12))} ${audit.passed ? 'found every task done' : 'found open work'}.`,
    `Project ${code(project.id)} of Dark Factory, commit ${code(commit)}. Outcomes are those of commands that the factory ran itself.`,
  ];
  const text = parts.filter((part) => part !== '').join('\n\n');
  return `${BEGIN}\n${cut(callingNobody(redactText(text)), MOST_CHARACTERS)}\n${END}`;
}

/** The body as it becomes: what people wrote around the factory's part stays. */
export function renewedBody(before: string, part: string): string {
  const begin = before.indexOf(BEGIN);
  const end = before.indexOf(END, begin);
  if (begin < 0 || end < 0) return before.trim() === '' ? part : `${before.trimEnd()}\n\n${part}`;
  return `${before.slice(0, begin)}${part}${before.slice(end + END.length)}`;
}

const NOT_PROVED =
  '> **Not proved.** Its owner published it as it stands: no gate of the factory vouches for this commit.';

function figures({ tasks, diff, money, time, outcome }: Report, total: number): string[] {
  const changed =
    diff === null
      ? []
      : [
          `Changed: ${diff.files} files in ${diff.commits} commits, ${diff.insertions} lines added, ${diff.deletions} removed.`,
        ];
  const cap = money.budget === undefined ? '' : ` of at most ${formatUsd(money.budget)}`;
  return [
    `Proved: ${tasks.proved.length} of ${total} tasks. **${outcome.stopped ? 'stopped' : outcome.status}**`,
    ...changed,
    `Cost: $${money.totalSpent.toFixed(4)}${cap}, ${formatDuration(time.activeMs)} of active time.`,
  ];
}

function evidenceTable(tasks: readonly ReportTask[]): string {
  const rows = tasks.flatMap((task) =>
    task.evidence.length === 0
      ? [[inQuotes(task.title), task.status, '', '', '']]
      : task.evidence.map((each) => [inQuotes(task.title), ...evidenceCells(each)]),
  );
  if (rows.length === 0) return '';
  const shown = table(['task', 'seen', 'outcome', 'command', 'exit'], rows.slice(0, MOST_ROWS));
  return rows.length > MOST_ROWS ? `${shown}\n\nand ${rows.length - MOST_ROWS} more.` : shown;
}

function evidenceCells({ kind, name, passed, stale, command, exitCode }: Evidence): string[] {
  return [
    name === kind ? kind : `${kind} ${inQuotes(name)}`,
    `${passed ? 'passed' : 'failed'}${stale ? ', on an earlier commit' : ''}`,
    command === undefined ? '' : code(command),
    exitCode === undefined || exitCode === null ? '' : String(exitCode),
  ];
}

/** "Closes #3", "fixes: acme/shop#3", "implements https://…/issues/3". */
const CLOSING =
  /\b(clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)(?=:?\s+(?:issues?:?\s+)?\S*(?:#\d|(?:issues|work_items)\/\d))/gi;

/**
 * Names and numbers in the words of others would call people, and tie the pull request to issues. GitLab closes issues by what it reads in
 * code, too, which stays as it is otherwise.
 */
export function callingNobody(text: string): string {
  return text
    .replace(/@(?=[\p{L}\p{N}])/gu, '@\u200b')
    .replace(CLOSING, '$1\u200b')
    .replace(/(\\#|GH-)(?=\d)/gi, '$1\u200b');
}

/** Titles count as bodies do at GitLab. */
export function pullTitle(name: string): string {
  return callingNobody(redactText(name)).replace(/[#!](?=\d)/g, '$&\u200b');
}

function section(title: string, body: string): string {
  return body === '' ? '' : `### ${title}\n\n${body}`;
}

export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}\n\n… (cut)`;
}
