import { type Command, Option } from 'commander';
import { type Leaf, repeated } from '../../framework/leaf.ts';

/** Commands for before the night. */
export function declarePlanning(root: Command, leaf: Leaf): void {
  leaf(
    root,
    'estimate [file]',
    'tell what projects may cost and take, from finished ones',
    () => import('./estimate.ts'),
    [
      'estimate',
      'estimate night.yaml',
      'estimate --repo ../api --persona architect,engineer --model gpt-5-mini',
    ],
  )
    .option('--repo <folder>', 'the repository (default: ".")')
    .option('-p, --persona <names>', 'personas in order of work, separated by commas', repeated)
    .option(
      '--model <model>',
      'tier, model, or id of a provider (default: `routing.default`, or those that are set up)',
    );
  leaf(
    root,
    'rehearse <file|id>',
    'try a night beforehand, all but the models',
    () => import('./rehearse.ts'),
    ['rehearse night.yaml', 'rehearse add-login', 'rehearse night.yaml --json'],
  ).addOption(new Option('--sweep', 'tidy up after one that was killed').hideHelp());
  leaf(root, 'models', 'show what each model cost and proved', () => import('./models.ts'));
}
