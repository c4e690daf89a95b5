import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, switchedOff, textOption } from '../../framework/options.ts';
import { formatMoment, jsonText, plural } from '../../render/output.ts';
import { sayUp, startDetached } from './detach.ts';

/** `df up --detach`: one of a home is enough, and a second call says so. */
export async function upDetached(context: CommandContext, invocation: Invocation): Promise<number> {
  const { out, err, json, program, services } = context;
  const [running] = (await (await services()).runningUps.list()).here;
  if (running !== undefined) {
    const { process, since, workers } = running;
    if (json) out.raw(jsonText({ ...running, already: true }));
    else
      out.line(
        `It is up already: process ${process.pid} with ${plural(workers, 'worker')}, since ${formatMoment(since)}. For other options first: ${program} down`,
      );
    return 0;
  }
  if (!json) err.line('Starting ...');
  const began = await startDetached(context, argsOf(invocation));
  if ('exitCode' in began) {
    const message = began.said === '' ? 'It ended before it was up.' : began.said;
    const hint = `What it said stands in ${began.log}`;
    if (json) err.raw(jsonText({ error: { code: 'up_failed', message, hint } }, 0));
    else for (const line of [message, hint]) err.line(line);
    return began.exitCode;
  }
  const { up, pid, log } = began;
  if (json) {
    out.raw(jsonText({ ...up, pid, log }));
    return 0;
  }
  sayUp(context, up);
  out.line(`It goes on without this terminal, as process ${pid}. Stop it with: ${program} down`);
  out.line(`What it says stands in ${log}`);
  return 0;
}

function argsOf(invocation: Invocation): string[] {
  const given = ['workers', 'concurrency', 'host', 'port'].flatMap((name) => {
    const value = textOption(invocation, name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  return switchedOff(invocation, 'board') ? [...given, '--no-board'] : given;
}
