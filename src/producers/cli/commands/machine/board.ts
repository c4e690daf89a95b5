import type { CommandContext } from '../../framework/context.ts';
import { aborted, listenForInterrupts } from '../../framework/interrupts.ts';
import { flagOption, type Invocation } from '../../framework/options.ts';
import { bold, jsonText } from '../../render/output.ts';
import { forgetKeys, openBoard, readAddress } from './serve-board.ts';

/** Until Ctrl-C. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const address = readAddress(invocation, services.config.board);
  await forgetKeys(services, context.env);
  const interrupts = listenForInterrupts({ unread: true });
  const board = await openBoard(context, address, flagOption(invocation, 'writable') ? 'owner' : 'viewer');
  if (context.json) context.out.raw(jsonText({ url: board.url }, 0));
  else {
    context.out.line(['Board  ', bold(board.url)]);
    context.out.line('Whoever has this link is in. Stop it with Ctrl-C.');
  }
  await aborted(interrupts.first);
  await board.close();
  interrupts.dispose();
  return 0;
}
