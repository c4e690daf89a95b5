import { ownerAct } from '../../../factory/lifecycle/owner-act.ts';
import type { Halt } from '../../../factory/ports.ts';
import { systemClock } from '../../../lib/clock.ts';
import { DarkFactoryError, usageError } from '../../../lib/failure.ts';
import { resolveHome } from '../../../state/home/home.ts';
import { bareEmergencyStop } from '../../../state/home/stop-file.ts';
import { formatMoment, jsonText, red, type Text, yellow } from '../render/output.ts';
import type { CommandContext } from './context.ts';
import { flagOption, type Invocation } from './options.ts';

/** `--all` instead of an id: the whole factory. Throws `usage` when both were given. */
export function wantsAll(invocation: Invocation, command: 'stop' | 'resume'): boolean {
  const all = flagOption(invocation, 'all');
  if (!all || invocation.args[0] === undefined) return all;
  throw usageError(
    'id_or_all',
    'An id and --all were given',
    `Write df ${command} <id> for one project, df ${command} --all for the whole factory.`,
  );
}

/** `df stop --all`. Needs no Redis, and no settings that can be read: workers go on with those they began with. */
export async function haltAll(context: CommandContext, reason: string): Promise<number> {
  const services = await context.services().catch((error: unknown) => {
    if (!(error instanceof DarkFactoryError) || error.code === 'home_invalid') throw error;
    context.err.line([yellow('warning:'), ` ${error.message} ${error.hint}`]);
    return null;
  });
  const stop = services?.emergencyStop ?? bareEmergencyStop(resolveHome(context.env), systemClock);
  const { halt, changed } = await stop.halt(reason);
  if (changed && services !== null) {
    await ownerAct(services, 'factory.halted', `The factory was halted: ${reason}`);
  }
  const { out, program } = context;
  if (context.json) {
    out.raw(jsonText({ halted: halt, changed }));
    return 0;
  }
  out.line(changed ? red('The factory is halted.') : red(`The factory was halted already: ${halt.reason}`));
  out.line('Every worker halts at its next turn at the latest; commands and model calls under way are');
  out.line('interrupted within seconds. Projects keep their status, and nothing is lost.');
  out.line(`Go on with: ${program} resume --all   (or remove ${halt.file})`);
  return 0;
}

/** `df resume --all`. Needs no Redis. */
export async function resumeAll(context: CommandContext): Promise<number> {
  const services = await context.services();
  const ended = await services.emergencyStop.release();
  if (ended !== null) await ownerAct(services, 'factory.resumed', 'The factory goes on.');
  if (context.json) context.out.raw(jsonText({ halted: null, changed: ended !== null }));
  else if (ended === null) context.out.line('The factory was not halted; nothing was changed.');
  else context.out.line('The factory goes on: workers take up their work within a second or two.');
  return 0;
}

/** Says it on stderr, so that it is seen with `--json` too. */
export async function warnOfHalt(context: CommandContext): Promise<Halt | null> {
  const halt = (await context.services()).emergencyStop.look();
  if (halt !== null) context.err.line(haltText(halt, context.program));
  return halt;
}

function haltText({ since, reason }: Halt, program: string): Text {
  const when = since === null ? '' : ` since ${formatMoment(since)}`;
  return [
    red(`THE FACTORY IS HALTED${when}:`),
    ` ${/[.!?]$/.test(reason) ? reason : `${reason}.`} Nothing runs. Go on with: ${program} resume --all`,
  ];
}
