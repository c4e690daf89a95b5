/**
 * `npm run bench -- replay REPOSITORY COMMIT... [-- FLAGS OF DF INIT]`: real commits, done again by an agent that does exactly what the
 * commit did, with its message as the task and its parent as the base. An honest commit that does not complete shows a fault of
 * the factory's. The repository is only read; each commit is worked on in a clone. Exit code 1 when any did not complete.
 */
import { parseArgs } from 'node:util';
import type { QualityReport } from '../../src/factory/model/gates/gate-report.ts';
import type { Project } from '../../src/factory/model/project.ts';
import { openScenario, type Scenario } from '../../test/support/scenario.ts';
import { table } from '../measure.ts';
import { commitAgent } from './agent.ts';
import { type Commit, checkoutParent, readCommit } from './commit.ts';

/** Set-ups may install, and what cannot pass shows soon. */
const CONFIG = ['sandbox:', '  setupNetwork: true', 'gates:', '  maxRounds: 3'];
/** Milliseconds for one commit: set-up, baseline, some rounds of gates and an audit. */
const PATIENCE = 30 * 60 * 1_000;

interface Outcome {
  commit: Commit;
  /** `completed`, or how it ended or what it waits for. */
  outcome: string;
  /** Finish gates that it took: with 1 nothing was objected to. */
  rounds: number;
  /** Why gates did not pass, or why the project was refused or waits. */
  why: string[];
}

export async function replay(args: readonly string[]): Promise<void> {
  const split = args.indexOf('--');
  const flags = split < 0 ? [] : args.slice(split + 1);
  const { values, positionals } = parseArgs({
    args: [...(split < 0 ? args : args.slice(0, split))],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [repository, ...names] = positionals;
  if (repository === undefined || names.length === 0)
    throw new Error('Say which: npm run bench -- replay REPOSITORY COMMIT... [-- FLAGS OF DF INIT]');
  const outcomes: Outcome[] = [];
  for (const name of names) {
    const commit = await readCommit(repository, name);
    process.stderr.write(`${commit.id.slice(0, 10)} ${commit.subject}\n`);
    const outcome = await replayOne(repository, commit, flags);
    process.stderr.write(
      `  ${outcome.outcome} after ${outcome.rounds} gates${outcome.why.map((each) => `\n  ${each}`).join('')}\n`,
    );
    outcomes.push(outcome);
  }
  if (values.json)
    process.stdout.write(
      `${JSON.stringify(
        outcomes.map(({ commit, ...rest }) => ({ commit: commit.id, subject: commit.subject, ...rest })),
        null,
        2,
      )}\n`,
    );
  else show(repository, outcomes);
  if (outcomes.some(({ outcome }) => outcome !== 'completed')) process.exitCode = 1;
}

async function replayOne(repository: string, commit: Commit, flags: readonly string[]): Promise<Outcome> {
  const closers: (() => Promise<unknown>)[] = [];
  const why: string[] = [];
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  // Nothing of a bench that is cut off may stay: workers, Redis, clones.
  const cut = () => void close().finally(() => process.exit(130));
  process.once('SIGINT', cut).once('SIGTERM', cut);
  try {
    const checkout = await checkoutParent(repository, commit);
    closers.push(checkout.remove);
    const script = commitAgent(commit, (report) => why.push(...reasonsIn(report)));
    const scenario = await openScenario(
      { script, config: CONFIG, files: { 'README.md': 'replayed\n' } },
      (each) => closers.push(each),
    );
    // Toolchains are the owner's: they lie in the home, or are found by it.
    const { HOME } = process.env;
    if (HOME !== undefined) scenario.env['HOME'] = HOME;
    const args = ['--repo', checkout.dir, '--description', commit.message, ...flags];
    const made = await scenario.df('init', `replay-${commit.id.slice(0, 10)}`, ...args, '--json');
    if (made.code !== 0) return { commit, outcome: 'refused', rounds: 0, why: [made.stderr.trim()] };
    return await work(scenario, commit, JSON.parse(made.stdout) as Project, why);
  } finally {
    process.off('SIGINT', cut).off('SIGTERM', cut);
    await close();
  }
}

async function work(scenario: Scenario, commit: Commit, { id }: Project, why: string[]): Promise<Outcome> {
  await scenario.worker();
  await scenario.df('start', id);
  const project = await scenario.when(
    id,
    'at its end',
    ({ settled, status }) => settled || status === 'paused',
    PATIENCE,
  );
  const gates = (await scenario.services.state.gates(id).list()).filter(({ kind }) => kind === 'finish');
  if (project.status !== 'completed' && why.length === 0)
    why.push(project.statusReason ?? 'nothing was said');
  return {
    commit,
    outcome: project.status === 'paused' ? `waits for ${project.waiting?.for}` : project.status,
    rounds: gates.length,
    why: [...new Set([...why, ...gates.flatMap(unread)])],
  };
}

/** What the agent's last report said is not told to it any more where that ended the project. */
function unread({ passed, objections, checks }: QualityReport): string[] {
  if (passed) return [];
  const failed = checks.filter((check) => !check.passed && check.required);
  return [
    ...objections,
    ...failed.map(({ name, command, output }) => `${name} (${command}): ${output.trim().slice(-600)}`),
  ];
}

function reasonsIn(report: string): string[] {
  return [...report.matchAll(/NOT ACCEPTED: (.*)/g)].map(([, text]) => text ?? '');
}

function show(repository: string, outcomes: readonly Outcome[]): void {
  table(
    `Replayed of ${repository}`,
    outcomes.map(({ commit, outcome, rounds }) => [
      commit.id.slice(0, 10),
      commit.subject.slice(0, 60),
      outcome,
      outcome === 'completed' && rounds > 1 ? `in ${rounds} rounds` : '',
    ]),
  );
}
