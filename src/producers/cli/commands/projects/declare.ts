import type { Command } from 'commander';
import { type Leaf, repeated } from '../../framework/leaf.ts';

/** Commands that make and move projects. */
export function declareProjects(root: Command, leaf: Leaf): void {
  projectOptions(
    leaf(root, 'init <name>', 'make a project from a repository and a task', () => import('./init.ts'), [
      'init add-login --description "Add a login form, with tests"',
      'init add-login --description @task.md --repo ../shop --persona engineer,tester --budget 5',
      'init tidy --description - --max-runtime 90m --test "pytest -q" --no-lint < task.md',
    ]),
  );
  leaf(root, 'enqueue <file>', 'make and start all projects of a file', () => import('./enqueue.ts'), [
    'enqueue night.yaml --dry-run',
    'enqueue night.yaml',
    'enqueue - --json < night.json',
  ]).option('--dry-run', 'only check the file, and show what would be made');
  waitOptions(
    leaf(root, 'start [id]', 'start a project', () => import('./start.ts'), [
      'start add-login',
      'start 3f2a9c1e --wait',
    ]).option('--wait', 'follow it to the end; the exit code then tells how it ended'),
  );
  waitOptions(
    projectOptions(
      leaf(
        root,
        'run <name>',
        'make a project, start it and follow it to the end',
        () => import('./run.ts'),
        ['run add-login --description "Add a login form, with tests" --budget 5'],
      ),
    ),
  );
  declareOrders(root, leaf);
  declareResults(root, leaf);
}

/** What its owner may say to a project that is there. */
function declareOrders(root: Command, leaf: Leaf): void {
  leaf(root, 'pause [id]', 'pause a project after its current step', () => import('./pause.ts'), [
    'pause add-login',
  ]);
  leaf(root, 'resume [id]', 'let a paused project go on, or a halted factory', () => import('./resume.ts'), [
    'resume add-login',
    'resume add-login --budget 20',
    'resume --all',
  ])
    .option('--budget <usd>', 'new spending cap for the whole project, in US dollars')
    .option('--all', 'end the emergency stop of the whole factory');
  leaf(root, 'stop [id]', 'end a project for good; --all halts the factory', () => import('./stop.ts'), [
    'stop add-login --reason "not needed any more"',
    'stop --all --reason "the bill"',
  ])
    .option('--reason <text>', 'why, for the report')
    .option('--all', 'emergency stop: halt every worker; no project is ended');
  leaf(root, 'retry [id]', 'let a project that failed or was stopped live on', () => import('./retry.ts'), [
    'retry add-login',
    'retry add-login --message "Take the library that is there already." --rounds 5',
    'retry add-login --model gpt-5-mini --budget 20 --max-runtime 24h',
  ])
    .option('-m, --message <text>', 'told to the agent; @FILE reads a file, - reads stdin')
    .option('--rounds <count>', 'failed gates of a persona, and closing audits, before it fails again')
    .option(
      '--model <name>',
      "keep its personas to a tier, or to providers of this id or model; whoever judges is another's",
    )
    .option('--budget <usd>', 'new spending cap for the whole project, in US dollars')
    .option('--max-runtime <duration>', 'new limit on active time, of all attempts together');
}

/** What is done with work that is there. */
function declareResults(root: Command, leaf: Leaf): void {
  leaf(root, 'merge [id]', 'take a branch of a decision', () => import('./merge.ts'), [
    'merge add-login-jwt',
    'merge add-login --abort',
  ]).option('--abort', 'go on without any of the branches');
  leaf(root, 'apply [id]', 'take a proved branch into the one checked out', () => import('./apply.ts'), [
    'apply add-login',
    'apply add-login --squash',
    'apply 3f2a9c1e --unproved',
  ])
    .option('--squash', 'as one commit')
    .option('--unproved', 'the branch as it stands, whatever is proved of it');
  leaf(root, 'publish [id]', 'push a proved branch and open a pull request', () => import('./publish.ts'), [
    'publish add-login',
    'publish add-login --draft --watch',
    'publish 3f2a9c1e --unproved --remote upstream',
  ])
    .option('--draft', 'open it as a draft')
    .option('--watch', 'watch its checks; a red one begins another attempt')
    .option('--no-watch', 'watch its checks no more, and push nothing')
    .option('--unproved', 'the branch as it stands, as a draft that says so')
    .option(
      '--remote <name>',
      'push to this remote (default: as before, else that of the base branch, else origin)',
    );
  leaf(root, 'gate [id]', 'run the quality gate now', () => import('./gate.ts'), ['gate add-login --wait'])
    .option('--persona <name>', 'whose acceptance criteria (default: the persona at work)')
    .option('--wait', 'wait for its outcome, which the exit code tells (the default)')
    .option('--no-wait', 'only ask for it');
  leaf(root, 'audit [id]', 'run an audit of the task list now', () => import('./audit.ts'), [
    'audit add-login',
  ])
    .option('--wait', 'wait for its outcome, which the exit code tells (the default)')
    .option('--no-wait', 'only ask for it');
}

function projectOptions(command: Command): Command {
  return furtherOptions(
    command.requiredOption(...DESCRIPTION).option('--repo <dir>', 'the git repository', '.'),
  );
}

const DESCRIPTION = ['-d, --description <text>', 'the task; @FILE reads a file, - reads stdin'] as const;

/** The same where a project may be given in another way too. */
export function projectOptionsIfAny(command: Command): Command {
  return furtherOptions(
    command.option(...DESCRIPTION).option('--repo <dir>', 'the git repository (default: this folder)'),
  );
}

function furtherOptions(command: Command): Command {
  return command
    .option('--base <branch>', 'branch to start from (default: the branch that is checked out)')
    .option('-p, --persona <names>', 'personas in order of work, for example engineer,tester', repeated)
    .option('--max-runtime <duration>', 'limit on active time, for example 12h or 90m')
    .option('--budget <usd>', 'spending cap in US dollars')
    .option('--model <name>', 'keep its personas to a tier, or to providers of this id or model')
    .option(
      '--priority <number>',
      'whose turn comes first, and whose steps: 1 (first) to 5 (last), usually 3',
    )
    .option('--after <ids>', 'begin when these projects are completed', repeated)
    .option('--on <id>', 'begin when this project is completed, from its branch')
    .option('--test <command>', 'how to run the tests (default: found in the repository)')
    .option('--no-test', 'require no tests')
    .option('--lint <command>', 'how to run the linter (default: found in the repository)')
    .option('--no-lint', 'require no linter')
    .option('--format <command>', 'how to check the format (default: found in the repository)')
    .option('--no-format', 'require no format check')
    .option(
      '--setup <command>',
      'run once in the new worktree (default: the install of what the repository declares)',
    )
    .option('--no-setup', 'run nothing in the new worktree')
    .option('--sealed <dir>', 'acceptance tests that no agent sees; copied now, run at every gate')
    .option('--seal-with <persona>', 'let a persona at another provider write them before the work begins')
    .option('--sealed-command <command>', 'how to run them (default: the test command)')
    .option('--sealed-show <what>', 'what agents learn besides the number of failures: names or none');
}

function waitOptions(command: Command): Command {
  return command.option(
    '--no-wait-for-credits',
    'when waiting, end with exit code 5 once credits, or the budget of the factory, run out',
  );
}
