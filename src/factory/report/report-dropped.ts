import { formatMoment } from '../../lib/moment.ts';
import { code, inQuotes } from '../../lib/text/markdown.ts';
import type { EventType, FactoryEvent } from '../model/event.ts';
import type { QualityReport } from '../model/gates/gate-report.ts';
import type { Evidence, Task } from '../model/task.ts';
import { runKey } from '../tasks/proof/runs.ts';

type Commit = { hash: string; subject: string };

/** What was tried and led nowhere, or not at once. */
export interface ReportDropped {
  /** Claims that a task was done, which the factory's own commands did not bear out. In order of time. */
  claims: { at: string; taskId?: string; title: string; persona?: string; outcome: string }[];
  /** Gates on a claim of being done that did not pass, and what came of them. */
  rounds: {
    gate: string;
    persona: string;
    round: number;
    commit: string;
    failed: string[];
    objections: string[];
    /** Commits between this gate and the persona's next one, oldest first; `null`: not known. */
    changed: Commit[] | null;
    next: 'passed' | 'failed' | 'not run again';
  }[];
  blocked: { id: string; title: string; by: string; why?: string; failures: DroppedFailure[] }[];
  skipped: { id: string; title: string; by: string; why?: string }[];
  /** Ways that an agent was taken off because they led nowhere. */
  ways: { at: string; persona?: string; what: 'warned' | 'fresh' | 'blocked'; why: string }[];
  /** Commits that took back others, by their subject. */
  reverted: Commit[];
}

type DroppedFailure = Pick<Evidence, 'kind' | 'name' | 'command' | 'exitCode'> & { times: number };

/**
 * Gathers it from events, evidence, gates and the branch. Pure.
 *
 * @param log commits of the branch, newest first, perhaps not all; `null` when it cannot be read
 */
export function describeDropped(
  tasks: readonly Task[],
  gates: readonly QualityReport[],
  events: readonly FactoryEvent[],
  log: readonly Commit[] | null,
): ReportDropped {
  const titles = new Map(tasks.map(({ id, title }) => [id, title]));
  const finish = gates.filter(({ kind }) => kind === 'finish');
  return {
    claims: events.flatMap((event) => claimOf(event, titles)),
    rounds: finish.flatMap((gate, index) => roundOf(gate, finish.slice(index + 1), log)),
    blocked: tasks.filter(({ status }) => status === 'blocked').map(blockedTask),
    skipped: tasks
      .filter(({ status }) => status === 'skipped')
      .map((task) => ({ ...nameOf(task), by: task.skippedBy ?? 'the factory', ...whyOf(task) })),
    ways: events.flatMap(wayOf),
    reverted: (log ?? []).filter(({ subject }) => /^revert\b/i.test(subject)),
  };
}

function claimOf(event: FactoryEvent, titles: ReadonlyMap<string, string>): ReportDropped['claims'] {
  const { type, timestamp, taskId, persona, message, data } = event;
  if (type !== 'task.refused' && type !== 'task.blocked') return [];
  return [
    {
      at: timestamp,
      ...(taskId === undefined ? {} : { taskId }),
      title: titles.get(taskId ?? '') ?? String(data?.title ?? 'a task'),
      ...(persona === undefined ? {} : { persona }),
      // An older version, or one that keeps words encrypted, says it in the message alone.
      outcome: String(data?.outcome ?? message),
    },
  ];
}

function roundOf(
  gate: QualityReport,
  later: readonly QualityReport[],
  log: readonly Commit[] | null,
): ReportDropped['rounds'] {
  if (gate.passed) return [];
  const next = later.find(({ persona }) => persona === gate.persona);
  const failed = gate.checks.filter((check) => check.required && !check.passed);
  return [
    {
      gate: gate.id,
      persona: gate.persona,
      round: gate.round,
      commit: gate.commit,
      failed: failed.map(({ name }) => name),
      objections: gate.objections,
      changed: between(log, gate.commit, next?.commit),
      next: next === undefined ? 'not run again' : next.passed ? 'passed' : 'failed',
    },
  ];
}

/** @param to missing: to the branch's end */
function between(log: readonly Commit[] | null, from: string, to: string | undefined): Commit[] | null {
  if (log === null) return null;
  const older = log.findIndex(({ hash }) => hash === from);
  const newer = to === undefined ? 0 : log.findIndex(({ hash }) => hash === to);
  // The base commit is on no list of the branch's own commits: then all of them came after it.
  if (newer < 0) return null;
  return log.slice(newer, older < 0 ? newer : older).toReversed();
}

function blockedTask(task: Task): ReportDropped['blocked'][number] {
  const failures = new Map<string, DroppedFailure>();
  for (const run of task.evidence) {
    const { passed, kind, name, command, exitCode } = run;
    if (passed) continue;
    const times = (failures.get(runKey(run))?.times ?? 0) + 1;
    failures.set(runKey(run), { kind, name, command, exitCode, times });
  }
  const by = task.blockedBy === 'dependencies' ? 'its dependencies' : (task.blockedBy ?? 'the factory');
  return { ...nameOf(task), by, ...whyOf(task), failures: [...failures.values()] };
}

const nameOf = ({ id, title }: Task) => ({ id, title });

function whyOf({ verificationNotes }: Task): { why?: string } {
  const why = verificationNotes.at(-1);
  return why === undefined ? {} : { why };
}

const WAYS: Readonly<Partial<Record<EventType, 'warned' | 'fresh' | 'blocked'>>> = {
  'progress.warned': 'warned',
  'progress.fresh': 'fresh',
  'progress.blocked': 'blocked',
};

function wayOf({ type, timestamp, persona, message }: FactoryEvent): ReportDropped['ways'] {
  const what = WAYS[type];
  if (what === undefined) return [];
  return [{ at: timestamp, ...(persona === undefined ? {} : { persona }), what, why: message }];
}

/** Of one kind only this many, the newest, are written out. */
const MOST = 50;

/** The section's text; empty when nothing was dropped. Words of agents stand in quotation marks. */
export function droppedMarkdown(dropped: ReportDropped): string {
  const groups = [
    group('Claims that did not hold', dropped.claims.map(claimText)),
    group('Gates that did not pass', roundTexts(dropped.rounds)),
    group('Blocked tasks', dropped.blocked.map(blockedText)),
    group(
      'Skipped tasks',
      dropped.skipped.map(({ title, by, why }) => `${inQuotes(title)}, by ${by}${because(why)}`),
    ),
    group('Ways that led nowhere', dropped.ways.map(wayText)),
    group(
      'Commits taken back',
      dropped.reverted.map(({ hash, subject }) => `${code(hash.slice(0, 12))} ${inQuotes(subject)}`),
    ),
  ];
  return groups.filter((each) => each !== '').join('\n\n');
}

function group(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const left = lines.length - MOST;
  const shown = lines.slice(-MOST).map((line) => `- ${line}`);
  const head = `**${title}** (${lines.length}${left > 0 ? `, the newest ${MOST} of them` : ''})`;
  return [head, '', ...shown].join('\n');
}

const because = (why: string | undefined): string => (why === undefined ? '' : `: ${inQuotes(why)}`);

function claimText({ at, title, persona, outcome }: ReportDropped['claims'][number]): string {
  return `${formatMoment(new Date(at))}${persona === undefined ? '' : ` ${code(persona)}`} ${inQuotes(title)}: ${inQuotes(outcome)}`;
}

/** Rounds that failed at the same, one after the other, are one line. */
function roundTexts(rounds: ReportDropped['rounds']): string[] {
  const alike: ReportDropped['rounds'][] = [];
  const keyOf = ({ persona, failed, objections }: ReportDropped['rounds'][number]) =>
    JSON.stringify([persona, failed, objections]);
  for (const round of rounds) {
    const same = alike.at(-1)?.[0];
    if (same !== undefined && keyOf(same) === keyOf(round)) alike.at(-1)?.push(round);
    else alike.push([round]);
  }
  return alike.flatMap((each) => roundText(each, each.at(-1)));
}

function roundText(
  rounds: ReportDropped['rounds'],
  last: ReportDropped['rounds'][number] | undefined,
): string[] {
  const [first] = rounds;
  if (first === undefined || last === undefined) return [];
  const { persona, failed, objections, round } = first;
  const what = [
    ...(failed.length === 0 ? [] : [`failed: ${failed.map(inQuotes).join(', ')}`]),
    ...objections.map((each) => `not accepted: ${inQuotes(each)}`),
  ];
  const changed = rounds.flatMap((each) => each.changed ?? []);
  const commits = changed.map(({ hash, subject }) => `${code(hash.slice(0, 12))} ${inQuotes(subject)}`);
  const then = commits.length === 0 ? '' : ` Then ${commits.join(', ')}.`;
  const next = last.next === 'not run again' ? 'It was not run again.' : `The next one ${last.next}.`;
  const name = rounds.length === 1 ? `round ${round}` : `rounds ${round} to ${last.round}`;
  return [
    `${name} of ${code(persona)} at ${code(last.commit.slice(0, 12))}, ${what.join('; ')}.${then} ${next}`,
  ];
}

function blockedText({ title, by, why, failures }: ReportDropped['blocked'][number]): string {
  const tried = failures.map(
    ({ kind, name, command, exitCode, times }) =>
      `  - tried ${times} ${times === 1 ? 'time' : 'times'}, and failed: ${kind} ${inQuotes(name)}` +
      `${command === undefined ? '' : ` ${code(command)}`}${exitCode === undefined ? '' : `, exit ${exitCode ?? 'none'}`}`,
  );
  return [`${inQuotes(title)}, by ${by}${because(why)}`, ...tried].join('\n');
}

function wayText({ at, persona, what, why }: ReportDropped['ways'][number]): string {
  const then = { warned: 'was warned', fresh: 'got a fresh conversation', blocked: 'was taken off' }[what];
  return `${formatMoment(new Date(at))} ${persona === undefined ? 'an agent' : code(persona)} ${then}: ${inQuotes(why)}`;
}
