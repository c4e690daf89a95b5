import type { Command } from 'commander';
import type { Leaf } from '../../framework/leaf.ts';

/** Commands for before the night. */
export function declarePlanning(root: Command, leaf: Leaf): void {
  leaf(
    root,
    'estimate',
    'tell what a project may cost and take, from finished ones',
    () => import('./estimate.ts'),
    ['estimate', 'estimate --repo ../api --persona architect,engineer --model gpt-5-mini'],
  )
    .option('--repo <folder>', 'the repository', '.')
    .option('-p, --persona <names>', 'personas in order of work, separated by commas', (value: string) => [
      value,
    ])
    .option('--model <model>', 'model, or id of a provider (default: those that are set up)');
  leaf(root, 'models', 'show what each model cost and proved', () => import('./models.ts'));
}
