import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { buildProgram } from '../../../src/producers/cli/framework/program.ts';
import { embeddedHome } from './machine-support.ts';

const built = fileURLToPath(new URL('../../../dist/bin/df.js', import.meta.url));

/** Commands that need no worker, no model and no network; the others have tests of their own. */
const ALONE = new Set(
  'status list tasks costs logs branches decisions export questions messages tell completion config clean token persona pause resume init'.split(
    ' ',
  ),
);
/** What only a project at work has: a task of that id, a lost branch, a neighbouring repository, a provider. */
const NEEDS_MORE = /tasks (?:update|skip)|persona try|--branches|\.\.\/shop|--budget 20/;

/** As they stand in the help, in the order of the commands. */
function examples(): string[] {
  const root = buildProgram({ name: 'df', version: '', execute: async () => {} });
  const below = (command: Command): Command[] => [
    command,
    ...command.createHelp().visibleCommands(command).flatMap(below),
  ];
  const lines = below(root)
    .slice(1)
    .flatMap((command) => {
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part) });
      command.outputHelp();
      return (text.split('\nExamples:\n')[1] ?? '').split('\n').map((line) => line.trim());
    });
  return [...new Set(lines)].filter((line) => ALONE.has(line.split(' ')[1] ?? '') && !NEEDS_MORE.test(line));
}

test('examples of the help work word for word in a shell', async () => {
  const options = await embeddedHome();
  const cwd = options.repository.dir;
  const bin = join(options.repository.outside, 'bin');
  await mkdir(bin);
  await symlink(built, join(bin, 'df'));
  await chmod(built, 0o755);
  for (const folder of ['.local/share/bash-completion/completions', '.zfunc', '.config/fish/completions'])
    await mkdir(join(options.repository.outside, folder), { recursive: true });
  await cp(fileURLToPath(new URL('../../../personas', import.meta.url)), join(cwd, 'personas'), {
    recursive: true,
  });
  await writeFile(join(cwd, 'package.json'), '{"scripts":{"test":"node --test"}}');
  await writeFile(join(cwd, 'task.md'), 'Say why a login failed');
  await writeFile(join(cwd, 'hints.md'), 'Leave the old form as it is');
  await options.repository.git('add', '--all');
  await options.repository.git('commit', '--quiet', '-m', 'A package');
  expect(examples().length).toBeGreaterThan(30);
  const env = {
    ...process.env,
    ...options.env,
    DF_HOME: options.home,
    HOME: options.repository.outside,
    PATH: `${bin}:${process.env['PATH']}`,
  };
  const failed = examples().flatMap((line) => {
    // Whoever follows stays until the project ends.
    const { status, stderr } = spawnSync('bash', ['-c', line.replace(' -f', '')], {
      cwd,
      env,
      encoding: 'utf8',
    });
    return status === 0 ? [] : [`${line}: ${status} ${stderr}`];
  });
  expect(failed).toEqual([]);
}, 300_000);
