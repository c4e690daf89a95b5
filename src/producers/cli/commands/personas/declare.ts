import type { Command } from 'commander';
import type { Leaf } from '../../framework/leaf.ts';
import { group } from '../providers/declare.ts';

/** Commands about the templates that agents work by. */
export function declarePersonas(root: Command, leaf: Leaf): void {
  const persona = group(root, 'persona', 'templates that agents work by', [
    'persona list',
    'persona show engineer',
  ]);
  const repository = (command: Command) =>
    command.option('--repo <dir>', 'repository whose personas/ count first (default: the one here)');
  repository(leaf(persona, 'list', 'list all personas', () => import('./persona-list.ts')));
  repository(
    leaf(persona, 'show <name>', 'show one persona', () => import('./persona-show.ts'), [
      'persona show engineer',
    ]),
  );
  leaf(persona, 'validate <file...>', 'check persona files', () => import('./persona-validate.ts'), [
    'persona validate personas/*.md',
  ]);
  repository(
    leaf(
      persona,
      'try <name>',
      'let a persona work on a small repository, with its cost shown before',
      () => import('./persona-try.ts'),
      ['persona try engineer', 'persona try engineer --budget 0.50 --yes'],
    ),
  )
    .option('--budget <usd>', 'what the trial may spend at the most (default: 1)')
    .option('--task <text>', 'what it is to do there, or @file (default: mend a test, add a discount)')
    .option('--yes', 'begin without asking');
}
