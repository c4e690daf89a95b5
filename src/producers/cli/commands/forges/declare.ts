import type { Command } from 'commander';
import type { Leaf } from '../../framework/leaf.ts';
import { group } from '../providers/declare.ts';

/** Commands about the places where repositories, issues and pull requests live. */
export function declareForges(root: Command, leaf: Leaf): void {
  const forge = group(root, 'forge', 'GitHub and GitLab, for issues and pull requests', [
    'forge add --kind github --repo acme/shop --token-env GITHUB_TOKEN',
    'forge list',
  ]);
  const commands = () => import('./forge.ts');
  tokenOptions(
    leaf(forge, 'add', 'add a repository at a forge', async () => (await commands()).addCommand, [
      'forge add --kind github --repo acme/shop --token-env GITHUB_TOKEN',
      'forge add --kind gitlab --repo acme/web/shop --url https://gitlab.acme.org --token-stdin < token.txt',
    ])
      .requiredOption('--kind <kind>', 'github or gitlab (must be given)')
      .requiredOption('--repo <name>', 'OWNER/NAME there, at GitLab with all its groups (must be given)')
      .option('--url <url>', 'its address, where it is not github.com or gitlab.com')
      .option('--id <id>', 'short name for it here (default: the name of the repository)'),
  ).option('--unproved', 'keep it though the forge cannot be reached to prove the token');
  leaf(forge, 'list', 'list all forges', async () => (await commands()).listCommand);
  leaf(
    forge,
    'remove <forge>',
    'forget a forge and its token',
    async () => (await commands()).removeCommand,
    ['forge remove shop'],
  );
  tokenOptions(
    leaf(
      forge,
      'set-token <forge>',
      'replace the token; running workers take it up',
      async () => (await commands()).setTokenCommand,
      ['forge set-token shop --token-stdin < token.txt'],
    ),
  ).option('--unproved', 'keep it though the forge cannot be reached to prove it');
}

function tokenOptions(command: Command): Command {
  return command
    .option('--token-env <variable>', 'read the token from this environment variable whenever it is needed')
    .option('--token-stdin', 'read the token from stdin; it is kept encrypted');
}
