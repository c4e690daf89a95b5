import type { Command } from 'commander';
import { vendorNames } from '../../../../factory/model/money/vendors.ts';
import { addExamples, type Leaf } from '../../framework/leaf.ts';

/** Commands about models, their keys and their prices. */
export function declareProviders(root: Command, leaf: Leaf): void {
  const provider = group(root, 'provider', 'models, their keys, prices and limits', [
    'provider add --name openai --model gpt-5-mini --api-key-env OPENAI_API_KEY',
    'provider list',
  ]);
  declareAdd(provider, leaf);
  declareUpdate(provider, leaf);
  leaf(provider, 'list', 'list all providers', () => import('./provider-list.ts'));
  leaf(provider, 'remove <id>', 'forget a provider and its key', () => import('./provider-remove.ts'), [
    'provider remove openai-gpt-5-mini',
  ]);
  leaf(provider, 'enable <id>', 'use a provider again', () => import('./provider-enable.ts'), [
    'provider enable openai-gpt-5-mini',
  ]);
  leaf(provider, 'disable <id>', 'use a provider no more', () => import('./provider-disable.ts'), [
    'provider disable openai-gpt-5-mini',
  ]);
  keyOptions(
    leaf(
      provider,
      'set-key <id>',
      'replace the key; running workers take it up',
      () => import('./provider-set-key.ts'),
      ['provider set-key openai-gpt-5-mini --api-key-stdin < key.txt'],
    ),
  );
  leaf(provider, 'probe <id>', 'make one tiny real call', () => import('./provider-probe.ts'), [
    'provider probe openai-gpt-5-mini',
  ]);

  const prices = leaf(root, 'prices [id]', 'show which list of prices holds', () => import('./prices.ts'), [
    'prices',
    'prices update',
  ]);
  leaf(
    prices,
    'update',
    'fetch the newest list; running workers take it up',
    () => import('./prices-update.ts'),
  ).option('--url <url>', 'where it is published (default: where its makers publish it)');
}

function declareAdd(provider: Command, leaf: Leaf): void {
  keyOptions(
    leaf(provider, 'add', 'add a model at an endpoint', () => import('./provider-add.ts'), [
      'provider add --name openai --model gpt-5-mini --api-key-env OPENAI_API_KEY --credits 20',
      'provider add --name anthropic --model claude-sonnet-4-5 --api-key-stdin < key.txt',
      'provider add --name custom --id local --model qwen3-coder --base-url http://127.0.0.1:11434/v1 --free',
    ]),
  )
    .requiredOption('--name <vendor>', `${vendorNames} (any OpenAI-compatible endpoint)`)
    .requiredOption('--model <model>', "the model's name at that vendor")
    .option('--id <id>', 'short name for it here (default: made from vendor and model)')
    .option('--base-url <url>', 'endpoint, for custom or a proxy')
    .option('--adapter <file>', 'JavaScript module that talks to the model, for custom')
    .option('--credits <usd>', 'credit bought, in US dollars (default: not limited)')
    .option('--priority <number>', 'lower goes first (default: 1)')
    .option('--rpm <count>', 'requests per minute')
    .option('--tpm <count>', 'tokens per minute')
    .option('--rpd <count>', 'requests per day')
    .option('--price-in <usd>', 'US dollars per million input tokens')
    .option('--price-out <usd>', 'US dollars per million output tokens')
    .option('--price-cache-read <usd>', 'the same for input that its cache gives back')
    .option('--price-cache-write <usd>', 'the same for input that its cache takes in')
    .option('--free', 'it costs nothing, for example a local model')
    .option(
      '--personas <names>',
      'work only for these personas (factory-auditor judges, factory-sealer seals)',
    )
    .option('--projects <ids>', 'work only for these projects, by id or name, and their forks')
    .option('--context-tokens <count>', 'size of its context window (default: what is known of the model)')
    .option('--max-output <count>', 'tokens of one reply at the most (default: by model)')
    .option('--effort <word>', 'how much it thinks: minimal, low, medium, high or max')
    .option('--api <name>', 'responses or chat, at OpenAI and endpoints like it (default: by model)');
}

function declareUpdate(provider: Command, leaf: Leaf): void {
  leaf(
    provider,
    'update <id>',
    'change credits, limits, prices or endpoint; running workers take it up',
    () => import('./provider-update.ts'),
    [
      'provider update main --add-credits 20',
      'provider update main --rpm 60 --tpm none',
      'provider update main --personas reviewer',
    ],
  )
    .option('--credits <usd>', 'what may be spent from now on, or none: not limited')
    .option('--add-credits <usd>', 'credit bought on top of what is left')
    .option('--priority <number>', 'lower goes first')
    .option('--rpm <count>', 'requests per minute, or none')
    .option('--tpm <count>', 'tokens per minute, or none')
    .option('--rpd <count>', 'requests per day, or none')
    .option('--price-in <usd>', 'US dollars per million input tokens')
    .option('--price-out <usd>', 'US dollars per million output tokens')
    .option('--price-cache-read <usd>', 'the same for input that its cache gives back')
    .option('--price-cache-write <usd>', 'the same for input that its cache takes in')
    .option('--free', 'it costs nothing, for example a local model')
    .option('--base-url <url>', 'another endpoint')
    .option('--personas <names>', 'work only for these personas, or none: for all')
    .option('--projects <ids>', 'work only for these projects and their forks, or none: for all')
    .option('--context-tokens <count>', 'size of its context window')
    .option('--max-output <count>', 'tokens of one reply at the most, or none: by model')
    .option('--effort <word>', "how much it thinks: minimal to max, or none: the vendor's default")
    .option('--api <name>', 'responses or chat, or none: by model');
}

function keyOptions(command: Command): Command {
  return command
    .option('--api-key <key>', 'the key itself (it stands in the shell history then)')
    .option('--api-key-env <variable>', 'read the key from this environment variable whenever it is needed')
    .option('--api-key-stdin', 'read the key from stdin');
}

/** A word that only holds other commands: called alone it is wrong usage and lists them. */
export function group(root: Command, name: string, summary: string, examples: readonly string[]): Command {
  const command = root.command(name).summary(summary).usage('<command> [options]');
  command.description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`);
  command.helpCommand(false);
  addExamples(command, root.name(), examples);
  return command;
}
