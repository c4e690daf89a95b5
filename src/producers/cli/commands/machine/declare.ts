import type { Command } from 'commander';
import type { Leaf } from '../../framework/leaf.ts';
import { group } from '../providers/declare.ts';

/** Commands for the first five minutes. */
export function declareStart(root: Command, leaf: Leaf): void {
  leaf(
    root,
    'demo',
    'watch the factory work on a small repository; needs no key',
    () => import('../demo/demo.ts'),
  )
    .option('--dir <folder>', 'where to put it (default: a new temporary folder)')
    .option('--remove', 'remove the folder at the end');
  leaf(root, 'setup', 'write the configuration and check the machine', () => import('./setup.ts'), [
    'setup',
    'setup --yes --redis-url redis://127.0.0.1:6379',
  ])
    .option('-y, --yes', 'ask nothing')
    .option('--redis-url <url>', 'use this Redis instead of the embedded one')
    .option('--max-runtime <duration>', 'default limit on active time')
    .option('--persona <names>', 'default personas')
    .option('--force', 'replace an existing config.yaml (the old one is kept beside it)');
}

/** Commands about the machine the factory runs on. */
export function declareMachine(root: Command, leaf: Leaf): void {
  leaf(root, 'up', 'start Redis (where none is set), workers and the board', () => import('./up.ts'), [
    'up',
    'up --workers 2 --port 8080',
    'up --detach',
  ])
    .option('--detach', 'go on without this terminal; stop it with df down')
    .option('--workers <count>', 'worker processes', '1')
    .option('--concurrency <count>', 'steps at once in each worker')
    .option('--host <address>', 'where the board listens')
    .option('--port <port>', 'port of the board; 0 takes a free one')
    .option('--no-board', 'no board');
  leaf(root, 'worker', 'work on what is queued until stopped', () => import('./worker.ts'), [
    'worker',
    'worker --queues agent-steps,audits --concurrency 16',
  ])
    .option('--queues <names>', 'only these queues, separated by commas (default: all)')
    .option('--concurrency <count>', 'steps at once');
  leaf(root, 'board', 'show projects and queues in a browser', () => import('./board.ts'), [
    'board --port 8080',
  ])
    .option('--host <address>', 'where to listen')
    .option('--port <port>', 'port; 0 takes a free one')
    .option('--writable', 'whoever has the link may do all that you may (default: look only)');
  declareTokens(root, leaf);
  leaf(
    root,
    'doctor',
    'check everything the factory needs, by trying it',
    () => import('../doctor/doctor.ts'),
  );
  leaf(root, 'health', 'tell in one look whether work can be done', () => import('./health.ts'), [
    'health --json',
  ]);
  const notify = group(root, 'notify', 'messages to you, as config.yaml says', ['notify test']);
  leaf(notify, 'test', 'send a test message to each target', () => import('./notify-test.ts'));
  leaf(root, 'clean', 'remove what ended projects left; branches stay', () => import('./clean.ts'), [
    'clean --dry-run',
    'clean --older-than 7d',
    'clean --branches df/add-login/2026-11-22--jwt',
  ])
    .option('--dry-run', 'only say what would be removed')
    .option('--older-than <duration>', 'age of logs and command outputs to remove', '30d')
    .option('--worktrees-only', 'leave logs and outputs')
    .option('--all', 'worktrees that worktree.keep keeps, too')
    .option('--branches [names...]', 'list branches of decisions that lost; those named are removed');
}

function declareTokens(root: Command, leaf: Leaf): void {
  const token = group(root, 'token', 'ways in to pages and API for people and programs', [
    'token add ci --role operator',
    'token list',
  ]);
  const tokens = () => import('../tokens/token.ts');
  leaf(token, 'add <name>', 'make a token and print it once', async () => (await tokens()).addCommand, [
    'token add ci --role operator',
  ]).requiredOption('--role <role>', 'viewer (looks), operator (also acts on projects) or owner (all)');
  leaf(token, 'list', 'list all tokens', async () => (await tokens()).listCommand);
  leaf(
    token,
    'remove <name>',
    'take a token out of use at once',
    async () => (await tokens()).removeCommand,
    ['token remove ci'],
  );
}
