import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CostSummary } from '../../../src/factory/finance/books/costs.ts';
import { type RequestRecord, type Step, type Turn, waitForRequests } from '../../support/model.ts';
import {
  BROKEN_SUM,
  byPrompt,
  call,
  MEND_SUM,
  type Scenario,
  type Status,
  scenario,
  sequence,
} from '../../support/scenario.ts';

const MARK = 'addition-holds-for-others';
const CHECKS = `import assert from 'node:assert';
import test from 'node:test';
import { add } from '../sum.js';

test('${MARK}', () => assert.equal(add(20, 3), 23));
`;
const PATH = 'test/acceptance-1f3.test.js';
/** What runs the sealed checks as well. */
const RUNNER = ['--test', 'node --test'];

const write = call('write_sealed_check', { path: PATH, content: CHECKS });
const finish = call('finish', { summary: 'Checks add with other numbers.' });
const SEAL: Step[] = [
  call('read_file', { path: 'sum.js' }),
  write,
  call('run_sealed_checks'),
  finish,
  call('finish', { summary: 'It is meant so.' }),
];
const CHEAT: Step = call('edit_file', { path: 'sum.js', old_text: 'a - b', new_text: '5' });

const seals = (turn: Pick<Turn, 'tools'>) => turn.tools.some(({ name }) => name === 'write_sealed_check');
/** The writer of sealed checks gets its own script. */
const script =
  (writer: readonly Step[], work: (turn: Turn) => ReturnType<ReturnType<typeof sequence>>) => (turn: Turn) =>
    seals(turn) ? sequence(writer)(turn) : work(turn);

/** Adds a provider of another vendor, which would be anybody's second choice. */
async function otherVendor(s: Scenario): Promise<void> {
  await s.json(
    ...[
      'provider',
      'add',
      '--name',
      'anthropic',
      '--id',
      'other',
      '--model',
      'scripted-2',
      '--base-url',
      s.model.url,
    ],
    ...[
      '--api-key',
      'sk-ant-test-0123456789',
      '--price-in',
      '1',
      '--price-out',
      '2',
      '--credits',
      '100',
      '--priority',
      '5',
    ],
  );
}

const said = (requests: readonly RequestRecord[]) =>
  requests.map((each) => JSON.stringify(each.body)).join('\n');
const bySealer = ({ body }: RequestRecord) => JSON.stringify(body).includes('write_sealed_check');

async function ended(s: Scenario, id: string): Promise<Status> {
  await s.reaches(id, 'failed', 'completed', 'paused');
  return s.status(id);
}

describe('sealed checks by a persona', () => {
  it('are written by another vendor before the work, catch a hard-coded value, let honest work pass, and are seen by no author', async () => {
    const work = byPrompt([
      { match: 'project cheat', script: sequence([CHEAT, call('finish', { summary: 'add adds.' })]) },
      { match: 'project honest', script: sequence(MEND_SUM) },
    ]);
    const s = await scenario({ script: script(SEAL, work), config: ['gates:', '  maxRounds: 2'] });
    await otherVendor(s);
    const ids: string[] = [];
    for (const name of ['cheat', 'honest'])
      ids.push((await s.init(`project ${name}`, ...RUNNER, '--seal-with', 'acceptance-tester')).id);
    const [cheat = '', honest = ''] = ids;
    await s.worker();
    for (const id of ids) await s.df('start', id);
    const caught = await ended(s, cheat);
    expect(caught.project.status).toBe('failed');
    expect(caught.gate?.checks.map(({ name, passed }) => ({ name, passed }))).toEqual([
      { name: 'Tests', passed: true },
      { name: 'Sealed', passed: false },
    ]);
    const passed = await ended(s, honest);
    expect(passed.project.status).toBe('completed');
    expect(passed.project.settings.sealed).toMatchObject({
      files: 1,
      by: {
        persona: 'acceptance-tester',
        providers: [{ id: 'other', model: 'scripted-2' }],
        checks: [{ path: PATH, outcome: 'seen red' }],
      },
    });

    const sealing = s.model.requests.filter(bySealer);
    expect(new Set(sealing.map(({ format }) => format))).toEqual(new Set(['anthropic']));
    const others = s.model.requests.filter((each) => !bySealer(each));
    expect(said(others)).toContain('sealed checks');
    expect(said(others)).not.toContain(MARK);
    expect(said(others)).not.toContain(PATH);
    const files = await s.repository.git('ls-tree', '-r', '--name-only', passed.project.workBranch);
    expect(files).not.toContain('acceptance');
    expect(await readdir(join(s.home, 'data/projects', honest, 'sealed/test'))).toHaveLength(1);

    const costs = await s.costs(honest);
    const sealed = costs.byOperation.find(({ operation }) => operation === 'sealing');
    expect(sealed).toMatchObject({ requests: 4 });
    expect(costs.byPersona.map(({ persona }) => persona)).toContain('factory-sealer');
    expect(costs.totalSpent).toBeGreaterThan(sealed?.cost ?? 0);
    const { stdout } = await s.df('status', honest);
    expect(stdout).toMatch(
      /Sealed +1 file by acceptance-tester \(other, scripted-2\); 1 of 1 file .*seen red/,
    );
    expect((await s.df('export', honest)).stdout).toMatch(
      /written by `acceptance-tester` with `other` \(`scripted-2`\)/,
    );
  });

  it('that cannot be run pause the project with the reason after three tries; nothing begins without them', async () => {
    const s = await scenario({ script: script([write, finish, finish, finish, finish], sequence(MEND_SUM)) });
    const { id } = await s.init(
      'x',
      '--seal-with',
      'acceptance-tester',
      '--sealed-command',
      'no-such-runner',
    );
    await s.worker();
    await s.df('start', id);
    const { project } = await ended(s, id);
    expect(project.status).toBe('paused');
    expect(project.waiting).toMatchObject({ for: 'owner' });
    expect(project.waiting?.detail).toMatch(/could not be written.*3 times.*exit code 127: not found/);
    expect(project.baselineGate).toBeUndefined();
    const before = s.model.requests.length;
    expect(before).toBeGreaterThan(0);
    expect(s.model.requests.filter(bySealer)).toHaveLength(before);
    await s.df('resume', id);
    await waitForRequests(s.model, before + 1);
    const again = await ended(s, id);
    expect(again.project.settings.sealed).toBeUndefined();
  });

  it('that pass before the work is done are sent back once, and then sealed and called never red', async () => {
    const easy = call('write_sealed_check', {
      path: PATH,
      content: CHECKS.replace('add(20, 3), 23', '1, 1'),
    });
    const s = await scenario({
      files: {
        ...BROKEN_SUM,
        'test/sum.test.js': "import test from 'node:test';\ntest('runs', () => {});\n",
      },
      script: script([easy, finish, finish], sequence(MEND_SUM)),
    });
    const { id } = await s.init('x', ...RUNNER, '--seal-with', 'acceptance-tester');
    await s.worker();
    await s.df('start', id);
    const project = await s.when(id, 'sealed', ({ settings }) => settings.sealed !== undefined);
    expect(project.settings.sealed?.by?.checks).toEqual([{ path: PATH, outcome: 'never red' }]);
    expect(said(s.model.requests)).toContain('they prove nothing of it');
    await s.df('stop', id);
    expect((await s.df('export', id)).stdout).toMatch(/never red/);
  });

  it('go on where workers were killed while they were written, and what that cost is booked', async () => {
    const slowly = SEAL.map((step): Step => ({ ...step, delayMs: 300 }));
    const s = await scenario({ script: script(slowly, sequence(MEND_SUM)) });
    const { id } = await s.init('x', ...RUNNER, '--seal-with', 'acceptance-tester');
    await s.df('start', id);
    for (const count of [2, 4]) {
      const worker = await s.worker();
      await waitForRequests(s.model, count);
      worker.kill('SIGKILL');
      await worker.exited;
    }
    await s.worker();
    const { project } = await ended(s, id);
    expect(project.status).toBe('completed');
    expect(project.settings.sealed?.by?.checks).toEqual([{ path: PATH, outcome: 'seen red' }]);
    const costs: CostSummary = await s.costs(id);
    const sealing = costs.entries.filter(({ operation }) => operation === 'sealing');
    // One request for each of its four turns; each killed worker may lose one, and one may be overtaken by a second delivery.
    expect(new Set(sealing.filter(({ possible }) => !possible).map(({ step }) => step)).size).toBe(4);
    expect(sealing.length).toBeLessThanOrEqual(8);
    expect(costs.totalSpent + costs.possibleSpent).toBeGreaterThanOrEqual(
      sealing.reduce((sum, { cost }) => sum + cost, 0) - 1e-9,
    );
  });

  it('are refused together with a folder of the owner, by a persona that is not there, or with no command', async () => {
    const s = await scenario({ files: { 'readme.txt': 'x\n' } });
    const both = await s.df('init', 'x', '-d', 'x', '--sealed', '..', '--seal-with', 'acceptance-tester');
    expect(both.code).toBe(2);
    expect(both.stderr).toMatch(/Both --sealed and --seal-with/);
    const nobody = await s.df('init', 'x', '-d', 'x', '--seal-with', 'nobody', '--sealed-command', 'true');
    expect(nobody.code).not.toBe(0);
    expect(nobody.stderr).toMatch(/nobody/);
    const none = await s.df('init', 'x', '-d', 'x', '--no-test', '--seal-with', 'acceptance-tester');
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(/--sealed-command/);
    expect(await s.json<unknown[]>('list')).toEqual([]);
  });
});
