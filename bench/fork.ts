import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { forkProject } from '../src/factory/decisions/fork/fork-act.ts';
import type { Project } from '../src/factory/model/project.ts';
import { newUuid } from '../src/lib/ids.ts';
import { createServices, type Services } from '../src/services.ts';
import { makeHome } from '../test/support/home.ts';
import { makeRepository, type TestRepository } from '../test/support/repository.ts';
import { median, ms, repeated, table, timed } from './measure.ts';

const PROGRAM = fileURLToPath(new URL('../dist/bin/df.js', import.meta.url));
const FILES = 5_000;
const TURNS = 200;
/** Characters of a command's output in the conversation. */
const OUTPUT = 4_000;

/** A fork of a large repository in a long conversation, and the comparison of its branches. */
export async function forks(): Promise<void> {
  const home = await makeHome();
  const files = Array.from({ length: FILES }, (_, index) => [
    `src/${index % 100}/file-${index}.js`,
    `export const value = ${index};\n`.repeat(20),
  ]);
  const repository = await makeRepository({ files: Object.fromEntries(files) });
  const services = await createServices({ env: { ...repository.env, DF_HOME: home.home } });
  try {
    const parent = await longProject(services, repository);
    const before = await objects(repository);
    let fork: Awaited<ReturnType<typeof forkProject>> = null;
    const documents = await timed(async () => {
      const { state, git, clock, config, record } = services;
      const deps = { state, git, config, record, newId: newUuid, now: () => clock.now() };
      fork = await forkProject(deps, parent, [await state.agent(parent.id, 'engineer').get()]);
    });
    const { childProjectIds } = await services.state.project(parent.id).get();
    const children = await Promise.all(childProjectIds.map((id) => services.state.project(id).get()));
    const worktrees = await timed(() => Promise.all(children.map((child) => worktree(services, child))));
    const plain = await timed(() =>
      Promise.all(
        ['one', 'two'].map((name) =>
          repository.git('worktree', 'add', '--quiet', '--detach', `${repository.outside}/${name}`),
        ),
      ),
    );
    const node = await repeated(5, async () => {
      await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
    });
    if (fork === null || children.length !== 2) throw new Error('the benchmark could not fork');
    const copied = (await objects(repository)) - before;
    const env = { ...repository.env, DF_HOME: home.home };
    const compared = await repeated(5, async () => {
      await once(
        spawn(process.execPath, [PROGRAM, 'compare', ...childProjectIds], { env, stdio: 'ignore' }),
        'exit',
      );
    });
    table(`A fork of a repository with ${FILES} files after ${TURNS} turns`, [
      ['plan and two branches', ms(documents), 'journal, tasks, finances, outputs'],
      ['their two worktrees', ms(worktrees), `side by side; ${copied} KB of objects more`],
      ['  git worktree add, twice', ms(plain), 'for comparison'],
      ['both', ms(documents + worktrees)],
      [
        'df compare of the two',
        ms(median(compared)),
        `the whole program; node alone takes ${ms(median(node))}`,
      ],
    ]);
  } finally {
    await services.close();
    await repository.cleanup();
    await home.cleanup();
  }
}

/** A project in the middle of its work, whose agent has just asked for a decision. */
async function longProject(services: Services, repository: TestRepository): Promise<Project> {
  const { state, engine } = services;
  const project = await engine.createProject({
    name: 'long',
    description: 'Decide.',
    repository: repository.dir,
    commands: { test: 'true', lint: null, format: null },
    budget: 10,
  });
  await worktree(services, project);
  const journal = state.journal(project.id, 'engineer');
  const holder = await services.holder();
  for (let step = 1; step <= TURNS; step += 1) {
    const writer = await journal.lease(step, holder);
    await writer?.append(
      { type: 'note', key: `turn-${step}`, text: 'x'.repeat(OUTPUT) },
      { type: 'step_done', outcome: step === TURNS ? 'fork' : 'continue' },
    );
  }
  const option = (label: string) => ({ label, description: '', confidence: 0.5, estimatedEffort: 'low' });
  const options = [option('One'), option('Two')];
  const pending = {
    id: 'engineer-200-0',
    question: 'Which?',
    confidence: 0.5,
    options,
    explored: ['One', 'Two'],
  };
  await state.agent(project.id, 'engineer').update((agent) => ({
    ...agent,
    status: 'blocked',
    nextStep: TURNS + 1,
    pendingDecisions: [pending],
  }));
  return state
    .project(project.id)
    .update((current) => ({ ...current, status: 'active', started: true, prepared: true }));
}

function worktree(
  { git }: Services,
  { repository, worktreePath, workBranch, ...project }: Project,
): Promise<void> {
  const commit = project.forkCommit ?? project.baseCommit;
  return git.createWorktree({ repository, worktree: worktreePath, branch: workBranch, commit });
}

/** KB of all objects in the repository, loose and packed. */
async function objects({ git }: TestRepository): Promise<number> {
  const counted = await git('count-objects', '-v');
  return [...counted.matchAll(/^size(?:-pack)?: (\d+)$/gm)].reduce((sum, [, size]) => sum + Number(size), 0);
}
