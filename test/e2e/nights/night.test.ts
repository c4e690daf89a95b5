import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { Project } from '../../../src/factory/model/project.ts';
import type { Rehearsal } from '../../../src/factory/rehearsal/finding.ts';
import type { NightReport } from '../../../src/factory/report/night/night.ts';
import { totalsText } from '../../../src/factory/report/night/night-sections.ts';
import { LONG } from '../../support/looks.ts';
import { withHousekeeping } from '../../support/model.ts';
import { movedClock } from '../../support/processes/moved-clock.ts';
import { byPrompt, call, calls, SUM_TEST, scenario, sequence, taskIds } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

const run = promisify(execFile);
const HOUR_MS = 3_600_000;

const task = (command: string) => ({
  title: 'Do it',
  description: 'Do it.',
  criteria: [{ name: 'done', command }],
});
/** One task, done in three turns. */
const doing = (criterion: string, work: Record<string, string>) =>
  sequence([
    calls(['add_tasks', { tasks: [task(criterion)] }], ['write_file', work]),
    (turn) => call('update_task', { id: taskIds(turn)[0] ?? '', status: 'completed', note: 'Done.' }),
    call('finish', { summary: 'Done.' }),
  ]);
const MENDED = { path: 'sum.js', content: 'export const add = (a, b) => a + b;\n' };
const MEND = doing(SUM_TEST, MENDED);
const ADD_FILE = doing('test -f more.txt', { path: 'more.txt', content: 'more\n' });

/** The smaller model does it wrongly, and claims that it is done; the larger one mends it. */
const TOO_HARD = withHousekeeping((turn) => {
  const claim = { id: taskIds(turn)[0] ?? '', status: 'completed', note: 'Done.' };
  const written = turn.conversation.flatMap(({ toolCalls }) =>
    toolCalls.filter(({ name }) => name === 'write_file').map((each) => each.arguments),
  );
  if (written.length === 0)
    return calls(
      ['add_tasks', { tasks: [task(SUM_TEST)] }],
      ['write_file', { ...MENDED, content: 'wrong\n' }],
    );
  if (written.some((each) => each.includes('a + b'))) return call('finish', { summary: 'Done.' });
  if (turn.model !== 'scripted-large') return call('update_task', claim);
  return calls(['write_file', MENDED], ['update_task', claim]);
});

/** The hour of the day at which a moment's next but one begins, `hours` later. */
const hourAfter = (now: Date, hours: number) =>
  new Date(Math.floor(now.getTime() / HOUR_MS + 2 + hours) * HOUR_MS);
const onTheClock = (moment: Date) => moment.toISOString().slice(11, 16);

const NIGHT = [
  `defaults: { lint: false, format: false, test: ${JSON.stringify(SUM_TEST)} }`,
  'projects:',
  '  - { name: last, description: Fix the test of last., priority: 5 }',
  '  - { name: first, description: Fix the test of first., priority: 1 }',
  '  - { name: second, description: Fix the test of second., priority: 2 }',
  '  - { name: stacked, description: Fix the test of stacked., on: first }',
  '  - { name: dropped, description: Fix the test of dropped., priority: 4 }',
  '  - { name: after-dropped, description: Fix the test after it., after: [dropped, second], priority: 1 }',
  '  - { name: red, description: Write red things., test: "grep nowhere sum.js" }',
  '  - { name: tool, description: Fix the test of tool., test: nosuchtool }',
  '  - { name: key, description: Fix the test of key., model: second }',
  '  - { name: hard, description: Fix the test of hard., model: small }',
  ...['a', 'b'].map((name) => `  - { name: ${name}, description: Fix the test of ${name}. }`),
];
const FAILING = ['red', 'tool', 'key'];
const PROVED = ['last', 'first', 'second', 'stacked', 'after-dropped', 'hard', 'a', 'b'];

it(
  'a night of twelve projects on two workers: rehearsed, in its hours, in its order, through a kill and a flush, told as it was',
  async () => {
    const [opens, closes] = [hourAfter(new Date(), 0), hourAfter(new Date(), 8)];
    const s = await scenario({
      model: { keys: ['sk-test-0123456789abcdef'] },
      script: byPrompt(
        [
          { match: 'Fix the test of stacked', script: ADD_FILE },
          { match: 'Fix the test of hard', script: TOO_HARD },
          {
            match: 'Write red things',
            script: sequence([call('finish', { summary: 'There is nothing to do.' })]),
          },
        ],
        MEND,
      ),
      config: [
        ...[`workHours: "${onTheClock(opens)}-${onTheClock(closes)}"`, 'timezone: UTC'],
        ...[
          'tiers: { small: [main], large: [big] }',
          'routing: { escalate: { afterRedGates: 1, to: large } }',
        ],
        ...['gates:', '  maxRounds: 2', 'limits:', '  diskFree: 0', '  openProjects: 4'],
        ...['notifications:', '  targets:', '    - type: command', '      on: [night_report]'],
        '      command: cat > told.json',
      ],
    });
    const others = [
      ['second', 'scripted-2', 'sk-revoked-0123456789'],
      ['big', 'scripted-large', 'sk-test-0123456789abcdef'],
    ];
    for (const [name = '', model = '', key = ''] of others)
      await s.json(
        ...['provider', 'add', '--name', 'openai', '--id', name, '--model', model, '--priority', '9'],
        ...['--base-url', `${s.model.url}/v1`, '--api-key', key, '--price-in', '1', '--price-out', '2'],
      );
    const file = join(s.home, 'night.yaml');
    await writeFile(file, NIGHT.join('\n'));

    // In the evening.
    const rehearsal = JSON.parse((await s.df('rehearse', file, '--json')).stdout) as Rehearsal;
    expect(rehearsal.projects.filter(({ ready }) => !ready).map(({ name }) => name)).toEqual(FAILING);
    expect((await s.services.state.listProjects()).projects).toEqual([]);
    const probes = s.model.requests.length;
    // Its owner does not listen.
    await s.json('provider', 'enable', 'second');
    const planned = await s.json<Project[]>('enqueue', file, '--dry-run');
    expect(planned).toHaveLength(12);
    const made = await s.json<Project[]>('enqueue', file);
    const id = (name: string) => made.find((each) => each.name === name)?.id ?? '';
    expect(made.filter(({ turn }) => turn !== undefined).map(({ name }) => name)).toEqual([
      'first',
      'second',
      'red',
      'tool',
    ]);
    expect((await s.status(id('last'))).waiting?.detail).toMatch(
      /^\d+\w\w of \d+ in the queue, after dropped\./,
    );
    expect((await s.status(id('stacked'))).waiting).toMatchObject({ for: 'project' });
    const clock = await movedClock(s.home);
    Object.assign(s.env, clock.env);
    let most = 0;
    const watch = setInterval(async () => {
      const there = await readdir(join(s.home, 'data/worktrees')).catch(() => []);
      most = Math.max(most, there.filter((name) => /^[0-9a-f-]{36}$/.test(name)).length);
    }, 100);
    try {
      const [doomed] = await Promise.all([s.worker(), s.worker()]);
      for (const name of ['first', 'second', 'red'])
        await s.when(id(name), 'waiting for its hours', ({ waiting }) => waiting?.for === 'hours');
      await s.when(id('tool'), 'for its owner', ({ status }) => status === 'paused');
      expect(s.model.requests).toHaveLength(probes);

      // At ten.
      await clock.moveTo(new Date(opens.getTime() + 60_000));
      await until(() => s.model.requests.length > probes + 2, LONG);
      doomed?.kill('SIGKILL');
      await s.worker();
      expect((await s.program('stop', id('dropped'))).code).toBe(0);
      const lost = await s.when(id('after-dropped'), 'for its owner', ({ status }) => status === 'paused');
      expect(lost.waiting).toMatchObject({ for: 'owner', after: [id('dropped')] });
      expect(lost.waiting?.detail).toContain('dropped (stopped)');
      expect((await s.program('resume', id('after-dropped'))).code).toBe(0);
      await run('redis-cli', ['-p', String(s.redis.port), 'flushall']);
      for (const name of PROVED)
        expect(await s.settles(id(name), 2 * LONG), name).toMatchObject({
          ...{ status: 'completed', statusReason: expect.stringContaining('proved') },
        });
      expect((await s.settles(id('red'))).status).toBe('failed');
      const hard = await s.events(id('hard'));
      expect(hard.filter(({ type }) => type === 'agent.escalated')).toHaveLength(1);
      await s.when(id('key'), 'waiting for a key', ({ waiting }) => waiting?.for === 'key');

      // At seven.
      await clock.moveTo(new Date(closes.getTime() + 60_000));
      const told = await until(async () => {
        const text = await readFile(join(s.home, 'told.json'), 'utf8').catch(() => '');
        return text.endsWith('}') || text.endsWith('}\n') ? (JSON.parse(text) as { message: string }) : null;
      }, LONG);
      const { stdout: events } = await s.program('logs', 'factory', '--json');
      const since =
        events
          .split('\n')
          .flatMap((line) => /"since":"([^"]+)"/.exec(line)?.[1] ?? [])
          .at(-1) ?? '';
      const shown = await s.program('report', '--format', 'markdown', '--since', since);
      const withoutTimes = (text: string) => text.replaceAll(/Until [^.]*\./g, '').trim();
      expect(withoutTimes(told.message)).toBe(withoutTimes(shown.stdout));
      const report = JSON.parse((await s.program('report', '--json')).stdout) as NightReport;
      await tellsItAsItWas(report, id);
      for (const each of report.projects) {
        const { totalSpent, possibleSpent } = await s.costs(each.id);
        expect(each.cost, each.name).toBeCloseTo(totalSpent, 9);
        expect(each.possible, each.name).toBeCloseTo(possibleSpent, 9);
      }
      // Of all that was spent since the evening nothing is left out.
      expect(told.message).toContain(`${totalsText(report)}.`);
    } finally {
      clearInterval(watch);
    }
    expect(most).toBeLessThanOrEqual(4);
    const ended = await Promise.all(made.map((each) => s.project(each.id)));
    const turns = ended.filter(({ turn }) => turn !== undefined);
    turns.sort((a, b) => (a.turn?.getTime() ?? 0) - (b.turn?.getTime() ?? 0));
    expect(turns.map(({ name }) => name).slice(0, 2)).toEqual(['first', 'second']);
    // It began with what was proved of the one that it stands on, and its own commits alone are its own.
    const [stacked, first] = [await s.project(id('stacked')), await s.project(id('first'))];
    expect(stacked.baseCommit).toBe(first.lastAudit?.commit);
    expect(stacked.baseBranch).toBe(first.workBranch);
    const files = await s.repository.git(
      'diff',
      '--name-only',
      `${stacked.baseCommit}..${stacked.workBranch}`,
    );
    expect(files).toBe('more.txt');
  },
  3 * LONG,
);

async function tellsItAsItWas(report: NightReport, id: (name: string) => string): Promise<void> {
  const names = (wanted: (each: NightReport['projects'][number]) => boolean) =>
    report.projects
      .filter(wanted)
      .map(({ name }) => name)
      .sort();
  expect(names(({ status }) => status === 'completed')).toEqual(PROVED.toSorted());
  expect(names(({ status, stopped }) => status === 'failed' && !stopped)).toEqual(['red']);
  expect(names(({ stopped }) => stopped === true)).toEqual(['dropped']);
  expect(report.totals).toMatchObject({ projects: 12, completed: 8, failed: 1, stopped: 1, open: 2 });
  const needs = new Map(report.needsYou.map(({ name, why, do: next }) => [name, { why, next }]));
  expect([...needs.keys()].sort()).toEqual(['key', 'tool']);
  expect(needs.get('key')).toMatchObject({ next: 'df provider set-key second' });
  expect(needs.get('tool')?.why).toContain('nosuchtool');
  expect(report.projects.find(({ name }) => name === 'first')?.next).toBe(
    `df apply ${id('first').slice(0, 8)}`,
  );
}
