import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { buildProgram } from '../../../src/producers/cli/framework/program.ts';
import { overview } from '../../../src/producers/cli/render/overview.ts';

const program = buildProgram({ name: 'df', version: '1', execute: async () => {} });

/** The words of a command line as a shell would hand them over; what follows a redirection, a pipe or a comment is its own. */
function words(line: string): string[] {
  const plain = line.split(/\s+[<>|#]\s|\s{2,}(?=#)/)[0] ?? '';
  return [...plain.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

/** All that a command's help prints below its options. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)];
}

function linesOf(text: string): string[] {
  return [...text.matchAll(/^ *(?:\$ )?df (.+)$/gm)].map(([, line = '']) => line.trim());
}

const inHelp = program.commands.flatMap(all).flatMap((command) => linesOf(helpOf(command)));
const inOverview = linesOf(overview('df')).filter((line) => !line.startsWith('<'));
const top = new URL('../../../', import.meta.url);
/** The page of commands is made from their help, which is tried above. */
const pages = ['README.md', ...readdirSync(new URL('docs', top)).map((name) => `docs/${name}`)].filter(
  (file) => file.endsWith('.md') && file !== 'docs/cli.md',
);
const text = pages.map((file) => readFileSync(new URL(file, top), 'utf8')).join('\n');
const blocks = [...text.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, block = '']) => block).join('\n');
const inline = [...text.matchAll(/`df ([a-z][^`]*)`/g)].map(([, line = '']) => line.replaceAll(/\s+/g, ' '));
/** `df init … --sealed DIR` says nothing of what stands for the dots; a path is for the system's `df`. */
const inDocuments = [...linesOf(blocks), ...inline].filter((line) => !/…|<id>|^-|\.$/.test(line));

test('every page of help has examples', () => {
  const seen = (command: Command) => command.createHelp().visibleCommands(command);
  const shown = (command: Command): Command[] => [command, ...seen(command).flatMap(shown)];
  for (const command of seen(program).flatMap(shown))
    expect(helpOf(command), command.name()).toMatch(/\nExamples:\n {2}df \S/);
});

test('help and documents have more than thirty examples each', () => {
  expect(inHelp.length).toBeGreaterThan(30);
  expect(inDocuments.length).toBeGreaterThan(30);
});

test.each([...new Set([...inHelp, ...inOverview])])(
  'the help’s example is understood: df %s',
  async (line) => {
    await expect(program.parseAsync(['node', 'df', ...words(line)])).resolves.toBeDefined();
  },
);

test.each([...new Set(inDocuments)])('the documents’ command is understood: df %s', async (line) => {
  const given = words(line);
  const result = await program.parseAsync(['node', 'df', ...given]).then(
    () => 'understood',
    (error: { code?: string }) => error.code ?? String(error),
  );
  // A command that is only named (`df stop`) stands without what it needs.
  const named = given.length <= 2 || given.every((word) => !word.startsWith('-'));
  const lacks = ['commander.missingArgument', 'commander.missingMandatoryOptionValue', 'commander.help'];
  expect(named && lacks.includes(result) ? 'understood' : result).toBe('understood');
});
