import type { Command } from 'commander';
import type { Leaf } from '../../framework/leaf.ts';

/** Looking for faults in what others have made. */
export function declareReview(root: Command, leaf: Leaf): void {
  leaf(
    root,
    'review <change>',
    'have a change looked at for faults, each proved',
    () => import('./review.ts'),
    [
      'review main..feature',
      'review df/add-login/2026-01-31',
      'review 12 --post',
      'review main..HEAD --sarif --output review.sarif',
    ],
  )
    .description(
      'Have a change looked at for faults: a range of commits, a branch, or a pull request (its number or address). Nothing in the repository is changed. Several finders ' +
        'look for one kind of fault each; a fault is confirmed where the factory has run a command that shows it.',
    )
    .option('--repo <folder>', 'the repository', '.')
    .option('--base <branch>', 'what a branch is compared with (default: the branch that it will go into)')
    .option('--budget <usd>', 'what the review may spend at the most (default: 2)')
    .option('--max-runtime <duration>', 'how long it may work, for example 30m')
    .option('--about <text>', 'what the change is for, or @file (default: the subjects of its commits)')
    .option('--setup <command>', 'what installs the packages that repros need (default: found in the base)')
    .option('--no-setup', 'install nothing')
    .option('--post', 'say at the pull request what was found: one review, edited by the next run')
    .option('--sarif', 'print SARIF 2.1.0 instead of text')
    .option('--output <file>', 'write what --json or --sarif print into a file, and the text on stdout');
}
