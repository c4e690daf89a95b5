import { EXIT_CODE } from '../../../../lib/failure.ts';
import type { CommandContext } from '../../framework/context.ts';
import { listenForInterrupts } from '../../framework/interrupts.ts';
import { green, jsonText, red } from '../../render/output.ts';

/** Exit code 1 when one of the targets did not take the message. Needs no Redis. */
export async function run(context: CommandContext): Promise<number> {
  const services = await context.services();
  const interrupts = listenForInterrupts({ unread: true });
  const results = await (await services.notifications())
    .test(interrupts.first)
    .finally(() => interrupts.dispose());
  if (context.json) {
    const told = results.map(({ name, type, sent }) => ({
      name,
      type,
      ok: sent.ok,
      ...(sent.ok ? {} : { problem: sent.problem }),
    }));
    context.out.raw(jsonText(told));
  } else if (results.length === 0) {
    context.out.line(`Nobody is to be told: config.yaml has no notifications (${services.home.configFile}).`);
  }
  if (!context.json) {
    for (const { name, type, sent } of results) {
      const what = name === type ? name : `${name} (${type})`;
      context.out.line(
        sent.ok ? [green('sent'), `    ${what}`] : [red('NOT SENT'), `  ${what}: ${sent.problem}`],
      );
    }
  }
  return results.every(({ sent }) => sent.ok) ? 0 : EXIT_CODE.failed;
}
