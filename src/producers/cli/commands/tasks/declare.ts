import type { Command } from 'commander';
import { type Leaf, repeated } from '../../framework/leaf.ts';

/** `df tasks <id>`, and what an owner may change of a task list. */
export function declareTasks(root: Command, leaf: Leaf): void {
  const tasks = leaf(root, 'tasks [id]', 'show the task list with its evidence', () => import('./tasks.ts'), [
    'tasks add-login',
    'tasks add add-login "Say why a login failed" --criterion "npm test -- login"',
    'tasks skip add-login 5a1e7c2a --reason "not needed any more"',
  ]);
  common(
    leaf(tasks, 'add [id] <title>', 'add a task by hand', () => import('./tasks-add.ts'), [
      'tasks add add-login "Say why a login failed" --criterion "npm test -- login" --priority 2',
    ]),
  );
  common(
    leaf(tasks, 'update [id] <task>', 'change a task by hand', () => import('./tasks-update.ts'), [
      'tasks update add-login 5a1e7c2a --priority 1 --note "this first"',
      'tasks update add-login "Say why a login failed" --status pending',
    ]),
  )
    .option('--title <text>', 'a new title')
    .option('--status <status>', 'pending, in_progress or blocked; completed needs proof')
    .option('--note <text>', 'a word to whoever works on it');
  leaf(tasks, 'skip [id] <task>', 'take a task off the list', () => import('./tasks-skip.ts'), [
    'tasks skip add-login 5a1e7c2a --reason "not needed any more"',
  ]).option('--reason <text>', 'why');
}

function common(command: Command): Command {
  return command
    .option('-d, --description <text>', 'what has to be true; @FILE reads a file, - reads stdin')
    .option('--priority <number>', '1 is the most urgent, 5 the least')
    .option('--persona <name>', 'whose task it is')
    .option('--depends-on <task>', 'a task that must be completed first; may be repeated', repeated)
    .option(
      '--criterion <command>',
      'a command that ends with 0 when it is done; may be repeated (default: the gate of the persona)',
      repeated,
    );
}
