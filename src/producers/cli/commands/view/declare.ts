import type { Command } from 'commander';
import type { Leaf } from '../../framework/leaf.ts';
import { declareTasks } from '../tasks/declare.ts';

/** Commands that show what projects did. */
export function declareView(root: Command, leaf: Leaf): void {
  leaf(root, 'status [id]', 'show where a project stands', () => import('./status.ts'), ['status add-login']);
  leaf(root, 'report', 'show what the night came to, over all projects', () => import('./report.ts'), [
    'report',
    'report --since 22:00',
    'report --since 12h --format markdown',
  ])
    .option('--since <time>', 'a time of the day, how long ago, or an ISO time', '24h')
    .option('--format <format>', 'markdown or json');
  leaf(root, 'list', 'list all projects', () => import('./list.ts'), ['list --status active']).option(
    '--status <status>',
    'only these: initializing, active, paused, waiting_for_credits, completed, failed, timeout, stopped',
  );
  declareTasks(root, leaf);
  leaf(root, 'costs [id]', 'show what a project has spent', () => import('./costs.ts'), ['costs add-login']);
  leaf(root, 'show [id] [step]', 'show what the agents said and did', () => import('./show.ts'), [
    'show add-login',
    'show add-login -f',
    'show add-login 12',
    'show add-login engineer/12',
    'show add-login --last 3 --json',
  ])
    .option('-f, --follow', 'go on until the project ends')
    .option('-n, --last <count>', 'only the newest steps; 50 where nothing is said, all with --json');
  leaf(root, 'diff [id]', 'show what a project changed', () => import('./diff.ts'), [
    'diff add-login',
    'diff add-login --stat',
    'diff add-login --json',
  ]).option('--stat', 'only the files, with the number of lines');
  const logs = leaf(
    root,
    'logs [id]',
    "show what was done, or the factory's own log",
    () => import('./logs.ts'),
    ['logs add-login -f', 'logs -f', 'logs add-login --level warn', 'logs factory', 'log verify'],
  )
    .alias('log')
    .option('-f, --follow', 'go on until the project ends')
    .option('-n, --lines <count>', 'only the newest')
    .option('--level <level>', 'debug, info, warn or error', 'info');
  leaf(
    logs,
    'verify [id]',
    'find lines of the audit log that were edited, removed, inserted or moved',
    () => import('./logs-verify.ts'),
    ['log verify add-login', 'log verify'],
  );
  declareDecisions(root, leaf);
  leaf(root, 'export [id]', 'write the report of a project', () => import('./export.ts'), [
    'export add-login --format markdown --output report.md',
  ])
    .option('--format <format>', 'markdown or json', 'markdown')
    .option('-o, --output <file>', 'write to a file instead of stdout');
}

/** Where a project forked, and what came of it. */
function declareDecisions(root: Command, leaf: Leaf): void {
  leaf(
    root,
    'branches [id]',
    'show a project and the projects forked from it',
    () => import('./branches.ts'),
    ['branches add-login'],
  );
  leaf(
    root,
    'compare <id...>',
    'compare branches of a project, or any projects',
    () => import('./compare.ts'),
    ['compare 3f2a9c1e 8d01b7aa', 'compare 3f2a9c1e 8d01b7aa 51c0de42 --json'],
  );
  leaf(
    root,
    'decisions [id]',
    'show decisions, and how often confidence was right',
    () => import('./decisions.ts'),
    ['decisions', 'decisions add-login --json'],
  );
}
