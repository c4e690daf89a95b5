/**
 * Writes the pages of the documents that follow from the program: `docs/cli.md` from the declared commands,
 * `docs/configuration.md` from the schema of config.yaml. Run `npm run docs` after changing either; a test compares.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type ConfigKey, configKeys } from '../src/factory/config/config-keys.ts';
import { buildProgram } from '../src/producers/cli/framework/program.ts';
import { overview } from '../src/producers/cli/render/overview.ts';
import { valueText } from '../src/state/home/config-template.ts';

const GENERATED = '<!-- Made by `npm run docs`. Change the program, not this page. -->';
const COLUMNS = 110;

export const pages: Readonly<Record<string, () => string>> = {
  'docs/cli.md': cliPage,
  'docs/configuration.md': configurationPage,
};

function cliPage(): string {
  const program = buildProgram({ name: 'df', version: '', execute: async () => {} });
  return `# Commands

${GENERATED}

\`\`\`text
${overview('df').trimEnd()}
\`\`\`

The program is also installed as \`dark-factory\`. What is meant for the system's \`df\` goes there: \`df -h\`, \`df /path\`, \`df -k .\`
and whatever else is no command of the factory.

## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | it failed, or a project that was waited for ended \`failed\` or \`timeout\` |
| 2 | wrong usage or input |
| 3 | no such project, provider or persona |
| 4 | the machine is not ready: Redis, git, sandbox |
| 5 | waiting ended because the project is paused, or out of credits with \`--no-wait-for-credits\` |
| 130 | Ctrl-C ended the waiting or a question, or nobody reads any more what is said; what is at work goes on |

With \`--json\` one JSON document goes to stdout; messages always go to stderr.
${shownIn(program).flatMap(commandsIn).map(commandSection).join('')}`;
}

const shownIn = (command: Command) => command.createHelp().visibleCommands(command);

/** The command and those below it; a word that only holds others has no help worth printing. */
function commandsIn(command: Command): Command[] {
  const holds = command.commands.length > 0 && command.options.length === 0;
  return [...(holds ? [] : [command]), ...shownIn(command).flatMap(commandsIn)];
}

function commandSection(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => COLUMNS });
  command.outputHelp();
  return `
## ${nameOf(command)}

\`\`\`text
${help.trimEnd()}
\`\`\`
`;
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function configurationPage(): string {
  const keys = configKeys();
  return `# Configuration

${GENERATED}

\`config.yaml\` in \`DF_HOME\` may be partial or missing; \`df setup\` writes one with every key as a comment. Unknown keys are named in a
warning. Durations are written \`500ms\`, \`45s\`, \`30m\`, \`12h\`; sizes are bytes. Running workers keep the settings they began with.

| variable | meaning |
|---|---|
| \`DF_HOME\` | the folder with everything, by default \`~/.dark-factory\` |
| \`REDIS_URL\` | selects a Redis; it comes before \`redis.url\` |
| \`DF_MASTER_KEY\` | what keys of providers are encrypted with (64 hexadecimal digits), in place of the file \`master.key\` |

${table(keys.filter((key) => key.keys === undefined))}
${keys
  .filter((key) => key.keys !== undefined)
  .map((key) => `\n## ${key.name}\n\n${key.meaning}.\n\n${table(key.keys ?? [], `${key.name}.`)}\n`)
  .join('')}`;
}

function table(keys: readonly ConfigKey[], above = ''): string {
  return ['| key | default | meaning |', '|---|---|---|', ...keys.flatMap((key) => rows(key, above))].join(
    '\n',
  );
}

function rows(key: ConfigKey, above: string): string[] {
  if (key.keys !== undefined) return key.keys.flatMap((each) => rows(each, `${above}${key.name}.`));
  const values = key.values === undefined ? '' : `. One of ${key.values.map(code).join(', ')}`;
  const example = key.example === undefined ? '' : `. Example: ${code(valueText(key.example))}`;
  const fallback =
    key.fallback === undefined ? '–' : `${code(valueText(key.fallback))}${inUnits(key.fallback)}`;
  return [`| \`${above}${key.name}\` | ${fallback} | ${key.meaning}${values}${example} |`];
}

/** Bytes in larger units, since nobody reads ten digits. */
function inUnits(value: unknown): string {
  const mib = Number(value) / 1024 ** 2;
  if (!Number.isInteger(mib) || mib === 0) return '';
  return mib % 1024 === 0 ? ` (${mib / 1024} GiB)` : ` (${mib} MiB)`;
}

function code(text: string): string {
  return `\`${text}\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [file, page] of Object.entries(pages))
    writeFileSync(new URL(`../${file}`, import.meta.url), page());
