import type { Command } from 'commander';
import type { Leaf } from '../../framework/leaf.ts';

/** Words between owners and agents. */
export function declareTalk(root: Command, leaf: Leaf): void {
  leaf(root, 'tell [id] <text...>', 'say something to the agents of a project', () => import('./tell.ts'), [
    'tell add-login "Leave the old form as it is"',
    'tell add-login @hints.md --json',
  ]);
  leaf(
    root,
    'messages [id]',
    'show what was said, and when an agent was told',
    () => import('./messages.ts'),
    ['messages add-login'],
  );
  leaf(root, 'questions [id]', 'show what agents ask you, and until when', () => import('./questions.ts'), [
    'questions',
    'questions add-login --json',
  ]);
  leaf(root, 'answer <id> <text...>', 'answer a question of an agent', () => import('./answer.ts'), [
    'answer 3f2a9c1e "Keep the old route, and say so in the change log"',
  ]);
}
