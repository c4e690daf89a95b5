import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { Load } from '../../../../src/producers/cli/framework/leaf.ts';
import type { Invocation } from '../../../../src/producers/cli/framework/options.ts';
import { buildProgram } from '../../../../src/producers/cli/framework/program.ts';
import { overview } from '../../../../src/producers/cli/render/overview.ts';

interface Called {
  load: Load;
  invocation: Invocation;
}

async function call(...args: string[]): Promise<Called> {
  let called: Called | undefined;
  const program = buildProgram({
    name: 'df',
    version: '1.2.3',
    execute: async (load, invocation) => {
      called = { load, invocation };
    },
  });
  await program.parseAsync(['node', 'df', ...args]);
  if (called === undefined) throw new Error('no command was called');
  return called;
}

const code = (...args: string[]) =>
  call(...args).then(
    () => 'called',
    (error: { code: string }) => error.code,
  );

/** Commands that do something: all without commands of their own, and those that also take arguments (`tasks`). */
function leaves(command: Command): Command[] {
  const below = shown(command).flatMap(leaves);
  return below.length === 0 || command.registeredArguments.length > 0 ? [command, ...below] : below;
}

const program = buildProgram({ name: 'df', version: '1.2.3', execute: async () => {} });
const shown = (command: Command) => [...command.createHelp().visibleCommands(command)];

describe('the declared commands', () => {
  test('every command of the contract is there', () => {
    const names = leaves(program).map((command) =>
      command.parent?.parent ? `${command.parent.name()} ${command.name()}` : command.name(),
    );
    expect(names.sort()).toEqual(
      [
        'setup init enqueue start run pause resume stop retry apply publish status list tasks show diff logs costs branches compare decisions merge audit gate export report up worker board doctor health clean demo down estimate rehearse models review',
        'provider-add provider-update provider-list provider-remove provider-enable provider-disable provider-set-key provider-probe',
        'persona-list persona-show persona-try persona-validate',
        'tell messages questions answer service-install service-uninstall service-status',
        'schedule-add schedule-list schedule-remove schedule-run',
        'config-list config-get config-set config-unset completion',
        'forge-add forge-list forge-remove forge-set-token',
        'tasks-add tasks-update tasks-skip logs-verify notify-test prices prices-update token-add token-list token-remove',
      ]
        .join(' ')
        .split(' ')
        .map((name) =>
          name.replace(
            /^(provider|persona|tasks|logs|notify|prices|token|config|service|forge|schedule)-/,
            '$1 ',
          ),
        )
        .sort(),
    );
  });

  test('the written help of the program names each of them, in the same words', () => {
    const text = overview('df');
    for (const command of shown(program)) {
      if (command.commands.length > 0 && command.registeredArguments.length === 0)
        expect(text).toMatch(new RegExp(`^  ${command.name()} <command> +${command.summary()}$`, 'm'));
      else {
        const args = command
          .usage()
          .replaceAll(/\[options\]|\[command\]|\.\.\./g, '')
          .replace(/ *(?=\S)/, ' ')
          .trimEnd();
        expect(text).toMatch(
          new RegExp(`^  ${command.name()}${literal(args)} +${literal(command.summary())}$`, 'm'),
        );
      }
    }
  });

  test('the written help fits 80 columns and uses the name that was called', () => {
    for (const line of overview('df').split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(overview('dark-factory')).not.toMatch(/\bdf\b/);
  });

  test('every command understands --json', () => {
    for (const leaf of leaves(program)) expect(leaf.options.map((each) => each.long)).toContain('--json');
  });
});

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

describe('parsing', () => {
  test('--test CMD, --no-test and neither are told apart', async () => {
    const given = async (...args: string[]) =>
      (await call('init', 'x', '--description', 'y', ...args)).invocation.options['test'];
    expect(await given('--test', 'npm test')).toBe('npm test');
    expect(await given('--no-test')).toBe(false);
    expect(await given()).toBeUndefined();
  });

  test('personas may be given once with commas or several times', async () => {
    const { invocation } = await call('run', 'x', '-d', 'y', '-p', 'a,b', '--persona', 'c');
    expect(invocation.options['persona']).toEqual(['a,b', 'c']);
  });

  test('waiting for credits is what is done unless refused', async () => {
    expect((await call('start', 'x')).invocation.options['waitForCredits']).toBe(true);
    expect((await call('start', 'x', '--no-wait-for-credits')).invocation.options['waitForCredits']).toBe(
      false,
    );
  });

  test('arguments reach the command as they were typed', async () => {
    const name = 'x;touch /var/tmp/p $(id)\n';
    expect((await call('init', name, '-d', '--', '--json')).invocation.args).toEqual([name]);
    expect((await call('persona', 'validate', 'a.md', 'b.md')).invocation.args).toEqual(['a.md', 'b.md']);
  });

  test.each([
    [['strat'], 'commander.unknownCommand'],
    [['provider', 'ad'], 'commander.unknownCommand'],
    [['list', '--foo'], 'commander.unknownOption'],
    [['persona', 'show'], 'commander.missingArgument'],
    [['status', 'a', 'b'], 'commander.excessArguments'],
    [['init', 'x'], 'commander.missingMandatoryOptionValue'],
    [['list', '--status'], 'commander.optionMissingArgument'],
    [['provider'], 'commander.help'],
  ])('%j is wrong usage', async (args, expected) => {
    expect(await code(...args)).toBe(expected);
  });
});
