import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CostSummary } from '../../src/factory/finance/books/costs.ts';
import type { JournalEntry } from '../../src/factory/model/journal.ts';
import type { Project } from '../../src/factory/model/project.ts';
import type { TaskList } from '../../src/factory/model/task.ts';
import { processesOf } from '../../test/support/processes/process-list.ts';
import type { Scenario } from '../../test/support/scenario.ts';

/** What a run came to, without times, ids and hashes of commits: two runs of one seed must come to the same. */
export type Outcome = Record<string, { status: string; tree: string; tasks: string[]; forks: string[] }>;

export async function outcomeOf(s: Scenario, ids: ReadonlyMap<string, string>): Promise<Outcome> {
  const found: Outcome = {};
  for (const [name, id] of ids) {
    const { project } = await s.json<{ project: Project }>('status', id);
    const { tasks } = await s.json<TaskList>('tasks', id);
    found[name] = {
      status: project.status === 'completed' ? 'completed' : `${project.status}: ${project.statusReason}`,
      tree: await s.repository.git('rev-parse', `${project.workBranch}^{tree}`),
      tasks: tasks.map(({ title, status }) => `${status} ${title}`).sort(),
      forks: project.forks.map(({ phase, choice, branches }) => {
        const chosen = branches.find(({ projectId }) => projectId === choice?.projectId);
        return `${phase} ${chosen?.option ?? 'none'}`;
      }),
    };
  }
  return found;
}

export function differences(calm: Outcome, harmed: Outcome): string[] {
  return Object.keys(calm).flatMap((name) => {
    const [a, b] = [JSON.stringify(calm[name]), JSON.stringify(harmed[name])];
    return a === b ? [] : [`${name}: undisturbed ${a}, disturbed ${b}`];
  });
}

/**
 * What must hold after everything: nothing lost, nothing twice, the ledger equal to the bill, files that parse, nothing left over.
 * Workers must have ended. @returns one sentence for each thing that does not hold
 */
export async function oracle(s: Scenario, roots: readonly string[]): Promise<string[]> {
  // What a killed process leaves goes when it is next needed, or with this.
  await s.df('clean');
  const projects = await s.json<Project[]>('list');
  const wrong: string[] = [];
  for (const project of projects) {
    wrong.push(...(await commitsTwice(s, project)));
    for (const args of [['tasks'], ['costs'], ['export', '--format', 'json'], ['branches']]) {
      const [command = '', ...rest] = args;
      const { code, stderr } = await s.df(command, project.id, ...rest, '--json');
      if (code !== 0) wrong.push(`df ${command} ${project.name}: exit ${code}: ${stderr.trim()}`);
    }
    if (!project.settled) wrong.push(`${project.name} (${project.status}) is not settled`);
  }
  wrong.push(...(await ledger(s, roots)));
  const worktrees = (await s.repository.git('worktree', 'list', '--porcelain')).match(/^worktree /gm) ?? [];
  if (worktrees.length > 1) wrong.push(`${worktrees.length - 1} worktrees are left`);
  wrong.push(...(await leftOvers(s)).map((path) => `left over: ${path}`));
  wrong.push(...processesOf(s.home).map(({ pid, command }) => `process ${pid} is left: ${command}`));
  return wrong;
}

async function commitsTwice(s: Scenario, { name, workBranch, id }: Project): Promise<string[]> {
  const format =
    '--format=%(trailers:key=DF-Project,valueonly,separator=)/%(trailers:key=DF-Step,valueonly,separator=)';
  const keys = (await s.repository.git('log', format, `main..${workBranch}`))
    .split('\n')
    .filter((key) => key.startsWith(id));
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  return twice.map((key) => `${name}: step ${key} was committed twice`);
}

/** Known costs are on the bill; what is on the bill and not known is possible. */
async function ledger(s: Scenario, roots: readonly string[]): Promise<string[]> {
  let known = 0;
  let possible = 0;
  for (const id of roots) {
    const costs = await s.json<CostSummary>('costs', id);
    known += costs.totalSpent;
    possible += costs.possibleSpent;
  }
  for (const line of await linesOf<{ cost: number; possible?: boolean }>(join(s.home, 'data/costs.jsonl'))) {
    if (line.possible) possible += line.cost;
    else known += line.cost;
  }
  const billed = s.model.billed();
  const sums = `billed $${billed.toFixed(6)}, booked $${known.toFixed(6)} and perhaps $${possible.toFixed(6)}`;
  console.log(`  ${sums}`);
  const hair = 1e-6;
  return known > billed + hair || known + possible < billed - hair ? [`the ledger is wrong: ${sums}`] : [];
}

async function leftOvers(s: Scenario): Promise<string[]> {
  const names = await readdir(join(s.home, 'data'), { recursive: true });
  const wrong = names.filter(
    (name) => /(\.tmp|\.lock|index\.lock)$/.test(name) || /^(scratch|worktrees)\/[^/]+$/.test(name),
  );
  const git = execFileSync('find', [join(s.repository.dir, '.git'), '-name', '*.lock'], { encoding: 'utf8' });
  return [...wrong, ...git.split('\n').filter((line) => line !== '')];
}

/** Milliseconds from the death of a step's holder to the lease by which another took the step over. */
export async function takeOvers(
  s: Scenario,
  harms: readonly { kind: string; pid?: number; at: number }[],
): Promise<number[]> {
  const killed = new Map(
    harms.flatMap(({ kind, pid, at }) =>
      kind === 'SIGKILL' && pid !== undefined ? [[pid, at] as const] : [],
    ),
  );
  const times: number[] = [];
  for (const project of await s.json<Project[]>('list')) {
    for (const { templateName } of project.personas) {
      const file = join(s.home, 'data/projects', project.id, 'agents', `${templateName}.jsonl`);
      times.push(...takeOversOf(await linesOf<JournalEntry>(file), killed));
    }
  }
  return times.sort((a, b) => a - b);
}

function takeOversOf(entries: readonly JournalEntry[], killed: ReadonlyMap<number, number>): number[] {
  const times: number[] = [];
  let held: { pid: number; step: number; since: number } | null = null;
  for (const entry of entries) {
    // Put down (it waits for money, say): whoever takes it up later takes nothing over.
    if (entry.type === 'step_done' || entry.type === 'released') held = null;
    if (entry.type !== 'lease') continue;
    const at = held?.step === entry.step ? killed.get(held.pid) : undefined;
    const taken = Date.parse(entry.at);
    // Ids of processes are given again: that of a dead worker may be a living one's.
    if (held !== null && at !== undefined && held.since <= at && taken > at) times.push(taken - at);
    held = { pid: entry.holder.pid, step: entry.step, since: taken };
  }
  return times;
}

async function linesOf<T>(file: string): Promise<T[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
