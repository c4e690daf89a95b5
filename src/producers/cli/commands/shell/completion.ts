import type { Command } from 'commander';
import type { CommandModule } from '../../framework/leaf.ts';
import { requiredArgument } from '../../framework/options.ts';
import { parseChoice } from '../../framework/parse.ts';
import { jsonText } from '../../render/output.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { placesOf } from './tables.ts';
import { zshScript } from './zsh.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** @param root the program with all its commands, from which the scripts are made */
export function completionOf(root: Command): CommandModule {
  return {
    async run({ out, json }, invocation) {
      const shell = parseChoice('The shell', requiredArgument(invocation), ['bash', 'zsh', 'fish']);
      const script = SCRIPTS[shell](placesOf(root));
      out.raw(json ? jsonText({ shell, script }) : script);
      return 0;
    },
  };
}
