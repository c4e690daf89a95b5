import type { Command } from 'commander';
import type { Leaf } from '../../framework/leaf.ts';

/** Words between owners and agents. */
export function declareTalk(root: Command, leaf: Leaf): void {
  leaf(root, 'tell <id> <text...>', 'say something to the agents of a project', () => import('./tell.ts'), [
    'tell add-login "Leave the old form as it is"',
    'tell add-login @hints.md --json',
  ]);
  leaf(
    root,
    'messages <id>',
    'show what was said, and when an agent was told',
    () => import('./messages.ts'),
    ['messages add-login'],
  );
}
