import type { Command } from 'commander';
import type { Leaf } from '../../framework/leaf.ts';
import { group } from '../providers/declare.ts';

/** Commands for the comfort of whoever types. */
export function declareShell(root: Command, leaf: Leaf): void {
  leaf(
    root,
    'completion <shell>',
    'print the completion for bash, zsh or fish',
    async () => (await import('./completion.ts')).completionOf(root),
    [
      'completion bash > ~/.local/share/bash-completion/completions/df',
      'completion zsh > ~/.zfunc/_df',
      'completion fish > ~/.config/fish/completions/df.fish',
    ],
  );
  const config = group(root, 'config', 'settings of config.yaml', [
    'config list',
    'config set workers.concurrency 4',
  ]);
  const commands = () => import('./config.ts');
  leaf(config, 'list', 'list all settings with their values', async () => (await commands()).listCommand, [
    'config list',
  ]);
  leaf(config, 'get <key>', 'show one setting', async () => (await commands()).getCommand, [
    'config get workers.concurrency',
  ]);
  leaf(
    config,
    'set <key> <value>',
    'change a setting; null takes it back to its default',
    async () => (await commands()).setCommand,
    [
      'config set defaultMaxRuntime 90m',
      'config set defaultPersonas "[engineer, tester]"',
      'config set board.port null',
    ],
  );
  leaf(
    config,
    'unset <key>',
    'take a setting out of config.yaml: its default holds again',
    async () => (await commands()).unsetCommand,
    ['config unset board.port'],
  );
  leaf(root, '__complete <subject> [word]', 'print names for the completion', () => import('./names.ts'), [
    '__complete project',
  ]);
}
