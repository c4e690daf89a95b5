import { describe, expect, it } from 'vitest';
import { sharedHouse } from '../support/house.ts';
import {
  auditAnswer,
  isAudit,
  promptText,
  type Script,
  type Step,
  type Turn,
  withHousekeeping,
} from '../support/model.ts';
import { BROKEN_SUM, call, MEND_SUM, scenario, sequence, taskIds } from '../support/scenario.ts';
import { finderOf } from '../support/scripts/review-script.ts';
import { until } from '../support/until.ts';

/** An honest agent, and a judge of the test's own; `heard` is what the judge was asked, in order. */
function court(judge: Script, steps: readonly Step[] = MEND_SUM): { script: Script; heard: Turn[] } {
  const heard: Turn[] = [];
  const honest = withHousekeeping(sequence(steps));
  const script: Script = (turn) => {
    if (!isAudit(turn)) return honest(turn);
    heard.push(turn);
    return judge(turn);
  };
  return { script, heard };
}

/** With the settings as they are by default. */
const plain = sharedHouse({});

describe('a judge', () => {
  it('may read, search and run the criteria of the task, changes nothing, and then answers', async () => {
    const { script, heard } = court((turn) => {
      const looks = [
        call('read_file', { path: 'sum.js' }),
        call('search', { pattern: 'a \\+ b' }),
        call('run_criterion', { name: 'tests pass' }),
        call('bash', { command: 'touch planted' }),
      ];
      return looks[turn.assistantTurns] ?? auditAnswer();
    });
    const id = await plain.ends('looks', script);
    const last = heard.at(-1)?.conversation ?? [];
    const outputs = last.filter(({ role }) => role === 'tool').map(({ text }) => text);
    expect(outputs[0]).toContain('a + b');
    expect(outputs[1]).toContain('sum.js:1:');
    expect(outputs[2]).toContain('exit code 0');
    expect(outputs[3]).toContain('There is no tool named "bash"');
    const { tasks } = await plain.s.tasks(id);
    expect(tasks[0]?.evidence.at(-1)).toMatchObject({ kind: 'audit', judgedBy: 'main' });
  });

  it('that fixes its form when asked is believed', async () => {
    const { script, heard } = court((turn) => (turn.assistantTurns === 0 ? { text: 'Yes.' } : auditAnswer()));
    await plain.ends('fixes its form', script);
    expect(heard).toHaveLength(2);
  });
});

describe('a judge of one round with two turns', () => {
  const house = sharedHouse({ config: ['audits:', '  maxRounds: 1', '  judgeTurns: 2'] });

  it('that answers in no form is asked once more, and then the task counts as incomplete', async () => {
    const { script, heard } = court(() => ({
      text: 'What a splendid audit I did! All tasks are complete, also #99.',
    }));
    const id = await house.ends('formless', script, 1);
    expect(heard).toHaveLength(2);
    expect((await house.s.tasks(id)).tasks[0]?.status).toBe('in_progress');
  });

  it('that looks for ever is stopped, and the task counts as incomplete', async () => {
    const { script, heard } = court(() => call('search', {}));
    await house.ends('endless', script, 1);
    expect(heard.length).toBeLessThanOrEqual(4);
  });
});

describe('rounds end', () => {
  it('the same finding three times with nothing changed blocks the task, and the project ends failed and names it', async () => {
    const { script, heard } = court(
      () => auditAnswer({ complete: false, evidence: 'It rounds wrongly.' }),
      [...MEND_SUM, call('finish', { summary: 'I see nothing wrong.' })],
    );
    const id = await plain.ends('found wanting', script, 1);
    const { s } = plain;
    const { status, statusReason } = await s.project(id);
    expect(status).toBe('failed');
    expect(statusReason).toContain('Nothing is left to do but blocked tasks');
    expect(statusReason).toContain('Make add add');
    expect((await s.tasks(id)).tasks[0]).toMatchObject({ status: 'blocked', blockedBy: 'factory' });
    // The verdict was given once: nothing was committed between the audits.
    expect(heard).toHaveLength(1);
  });

  it('a criterion that fails three times with nothing changed blocks its task', async () => {
    const id = await plain.ends(
      'impossible',
      sequence([
        call('add_tasks', {
          tasks: [
            { title: 'Impossible', description: 'x', criteria: [{ name: 'no', command: 'test -f never' }] },
          ],
        }),
        call('edit_file', { path: 'sum.js', old_text: 'a - b', new_text: 'a + b' }),
        ...Array.from(
          { length: 3 },
          () => (turn: Parameters<Script>[0]) =>
            call('update_task', { id: taskIds(turn)[0] ?? '', status: 'completed' }),
        ),
        call('finish', { summary: 'It cannot be done.' }),
      ]),
      1,
    );
    const { s } = plain;
    expect((await s.tasks(id)).tasks[0]).toMatchObject({ status: 'blocked', blockedBy: 'factory' });
    expect((await s.project(id)).statusReason).toContain('"Impossible"');
  });
});

describe('an audit that is cut off', () => {
  it('a killed worker resumes the hearing where it was; no word is paid twice', async () => {
    const { script, heard } = court((turn) =>
      turn.assistantTurns === 0
        ? call('read_file', { path: 'sum.js' })
        : { ...auditAnswer(), delayMs: 3_000 },
    );
    const s = await scenario({
      script,
    });
    const { id } = await s.init('cut');
    const first = await s.worker();
    await s.df('start', id);
    await until(() => heard.length === 2, 90_000);
    first.kill('SIGKILL');
    await first.exited;
    await s.worker();
    await s.ends(id);
    // The look once; the answer twice, for the first one was lost in flight.
    expect(heard.map(({ assistantTurns }) => assistantTurns)).toEqual([0, 1, 1]);
    const lost = (await s.costs(id)).entries.filter(({ possible }) => possible);
    expect(lost).toHaveLength(1);
  });
});

describe('audits beside the work', () => {
  it('run every auditInterval while agents work, flip nothing without evidence, and cost fewer verdicts than rounds', async () => {
    const slow = [
      ...MEND_SUM.slice(0, 5),
      ...Array.from({ length: 4 }, (_, index) => ({
        ...call('bash', { command: `echo ${index}` }),
        delayMs: 2_500,
      })),
      ...MEND_SUM.slice(5),
    ];
    const { script, heard } = court(() => auditAnswer(), slow);
    const s = await scenario({ script, config: ['auditInterval: 2s'] });
    const { id } = await s.init('audited');
    await s.worker();
    await s.ends(id);
    const { auditRounds } = await s.project(id);
    expect(auditRounds).toBeGreaterThan(2);
    expect((await s.tasks(id)).tasks[0]?.status).toBe('completed');
    // One verdict serves as long as commit and evidence stay; on a slow machine a round may fall between the two.
    expect(heard.length).toBeLessThan(auditRounds);
  });
});

describe('with `audits.review` a closing audit', () => {
  const house = sharedHouse({ config: ['audits:', '  review: true'] });

  it('is no "done" while a critical fault that the factory has seen is in the work', async () => {
    const repro = {
      command:
        "node -e \"import('./sum.js').then(({ add }) => process.exit(add('1', 2) === '12' ? 43 : 0))\"",
      exitCode: 43,
    };
    const finding = {
      ...{ file: 'sum.js', line: 1, severity: 'critical', claim: 'Numbers of forms are put side by side.' },
      ...{ harm: 'Sums are wrong.', repro },
    };
    const agent = withHousekeeping(
      sequence([
        ...MEND_SUM,
        call('edit_file', {
          path: 'sum.js',
          old_text: '=> a + b',
          new_text: '=> Number(a) + Number(b) /* a + b */',
        }),
        call('finish', { summary: 'add adds numbers.' }),
      ]),
    );
    const asked: string[] = [];
    const script: Script = (turn) => {
      const finder = finderOf(turn);
      if (finder === undefined) return agent(turn);
      asked.push(finder);
      const isThere =
        finder === 'correctness' && !turn.conversation.some(({ text }) => text.includes('Number(a)'));
      return { text: JSON.stringify({ findings: isThere ? [finding] : [] }) };
    };
    const id = await house.ends('reviewed', script);
    const { failedAudits, lastAudit } = await house.s.project(id);
    expect({ failedAudits, passed: lastAudit?.passed }).toEqual({ failedAudits: 1, passed: true });
    // Five finders twice: the work, and the work when it was mended.
    expect(asked).toHaveLength(10);
    const events = await house.s.events(id);
    const failed = events.find(({ type }) => type === 'audit.failed');
    expect(failed?.message).toContain('A review found a critical fault in sum.js:1');
  });
});

describe('the last commit of several personas', () => {
  const persona = (name: string, custom: string[]) => [
    '---',
    ...[`name: ${name}`, 'version: 1.0.0', `description: A ${name}`, 'acceptance_criteria:'],
    ...['  tests_pass: true', '  lint_pass: false', '  format_pass: false', ...custom],
    ...['---', '', `You are the ${name} of this repository.`, ''],
  ];
  const asksForMore = [
    '  custom_checks:',
    '    - name: Notes are fine',
    '      command: "! grep -q wild notes.md"',
    '      expected_exit_code: 0',
  ];
  const house = sharedHouse({
    files: {
      ...BROKEN_SUM,
      'notes.md': 'fine\n',
      'personas/builder.md': persona('builder', asksForMore).join('\n'),
      'personas/checker.md': persona('checker', ['  custom_checks: []']).join('\n'),
    },
  });

  it('is where the gate of each has passed: one that another broke goes on, and nothing is run twice', async () => {
    const finish = call('finish', { summary: 'Done.' });
    const note = (text: string) => call('bash', { command: `echo ${text} > notes.md` });
    const builds = sequence([...MEND_SUM, note('tame'), finish]);
    const checks = sequence([note('wild'), finish]);
    const script: Script = (turn) =>
      (promptText(turn).includes('You are the checker') ? checks : builds)(turn);
    const id = await house.ends('with two', script, 0, '--persona', 'builder,checker');
    const reports = await house.s.services.state.gates(id).list();
    const gates = reports.filter(({ kind }) => kind === 'finish');
    expect(gates.map(({ persona: by, passed }) => [by, passed])).toEqual([
      ['builder', true],
      ['checker', true],
      ['builder', false],
      ['builder', true],
    ]);
    expect(gates[2]?.commit).toBe(gates[1]?.commit);
    const { lastAudit, auditRounds } = await house.s.project(id);
    expect([lastAudit?.commit, lastAudit?.passed, auditRounds]).toEqual([gates[3]?.commit, true, 1]);
  });
});
