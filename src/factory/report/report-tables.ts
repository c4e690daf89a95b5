import { formatDuration } from '../../lib/duration.ts';
import { bullets, code, escaped, inQuotes, table } from '../../lib/text/markdown.ts';
import type { Report, ReportGate } from './report-types.ts';

interface Row {
  kind: ReportGate['kind'];
  rounds: number[];
  cells: string[];
  ms: number;
}

/** Rounds of a check with the same outcome, one after the other, are one row. */
export function gateTable(gates: readonly ReportGate[]): string {
  const rows: Row[] = [];
  for (const { kind, round, persona, checks } of gates)
    for (const check of checks) {
      const known = check.knownFailure && !check.passed ? ' (as on the base commit)' : '';
      const cells = [
        escaped(persona),
        escaped(check.name),
        `${check.passed ? 'passed' : check.required ? 'failed' : 'not checked'}${known}`,
        check.command === undefined ? '' : code(check.command),
        check.exitCode === undefined || check.exitCode === null ? '' : String(check.exitCode),
      ];
      const last = rows.findLast((row) => row.cells[0] === cells[0] && row.cells[1] === cells[1]);
      const isSame = last?.kind === kind && last.cells.every((text, index) => text === cells[index]);
      if (last !== undefined && isSame) {
        last.rounds.push(round);
        last.ms += check.durationMs ?? 0;
      } else rows.push({ kind, rounds: [round], cells, ms: check.durationMs ?? 0 });
    }
  const changed = gates
    .filter((gate) => gate.gateChanged.length > 0)
    .map(
      (gate) =>
        `gate changed (${gate.kind} ${gate.round}, ${escaped(gate.persona)}): ${gate.gateChanged.map(code).join(', ')}`,
    );
  const head = ['gate', 'persona', 'check', 'outcome', 'command', 'exit', 'time'];
  const lines = rows.map((row) => [nameOf(row), ...row.cells, row.ms === 0 ? '' : formatDuration(row.ms)]);
  return [rows.length === 0 ? '' : table(head, lines), bullets(changed)]
    .filter((each) => each !== '')
    .join('\n\n');
}

function nameOf({ kind, rounds: [first, ...others] }: Row): string {
  if (kind !== 'finish') return others.length === 0 ? kind : `${kind} (${others.length + 1} times)`;
  return others.length === 0 ? `finish ${first}` : `finish ${first} to ${others.at(-1)}`;
}

/** For whoever checks: what was seen at which commit, and the hash of the output that says so. */
export function hashesText({ project, tasks, gates }: Report): string {
  const seen = Object.values(tasks).flatMap((list) =>
    list.flatMap(({ title, evidence }) =>
      evidence.map(({ kind, name, commit, outputHash = '' }) => [
        `${inQuotes(title)}, ${kind}${name === kind ? '' : ` ${inQuotes(name)}`}`,
        code(commit.slice(0, 12)),
        outputHash === '' ? '' : code(outputHash.slice(0, 16)),
      ]),
    ),
  );
  const gated = gates.map(({ kind, round, persona, commit }) => [
    `gate ${kind}${kind === 'finish' ? ` ${round}` : ''}, ${escaped(persona)}`,
    code(commit.slice(0, 12)),
    '',
  ]);
  const base = ['the base commit', code(project.baseCommit.slice(0, 12)), ''];
  return table(['what', 'commit', 'sha256 of the output'], [base, ...seen, ...gated]);
}
