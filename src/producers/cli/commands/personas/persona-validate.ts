import path from 'node:path';
import { DarkFactoryError, EXIT_CODE } from '../../../../lib/failure.ts';
import { PERSONA_FORM, type PersonaLibrary } from '../../../../state/personas.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { green, jsonText, plural, red } from '../../render/output.ts';

interface Verdict {
  file: string;
  valid: boolean;
  name?: string;
  problem?: string;
}

/** All files are looked at; exit code 2 when one of them is no persona. */
export async function run(context: CommandContext, { args }: Invocation): Promise<number> {
  const { personas } = await context.services();
  const verdicts: Verdict[] = [];
  for (const file of args) verdicts.push(await judge(personas, path.resolve(context.cwd, file)));
  const wrong = verdicts.filter((verdict) => !verdict.valid).length;
  if (context.json) context.out.raw(jsonText({ valid: wrong === 0, files: verdicts }));
  else {
    for (const { file, valid, name, problem } of verdicts) {
      context.out.line(valid ? [green('valid  '), `  ${file} (${name})`] : [red('invalid'), `  ${problem}`]);
    }
    if (wrong > 0)
      context.err.line(
        `${plural(wrong, 'file is no persona', 'files are no personas')}. The form: ${PERSONA_FORM}`,
      );
  }
  return wrong === 0 ? 0 : EXIT_CODE.usage;
}

async function judge(personas: PersonaLibrary, file: string): Promise<Verdict> {
  try {
    const { name } = await personas.validate(file);
    return { file, valid: true, name };
  } catch (error) {
    if (!(error instanceof DarkFactoryError)) throw error;
    return { file, valid: false, problem: error.message };
  }
}
