import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { parseList, parseWhole } from '../../framework/parse.ts';
import { endWithParent } from './worker-processes.ts';

/** Which queues there are is the worker's to know. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  endWithParent(context.env);
  const queues = textOption(invocation, 'queues');
  const concurrency = textOption(invocation, 'concurrency');
  return context.startWorker({
    ...(queues === undefined ? {} : { queues: parseList('--queues', [queues]) }),
    ...(concurrency === undefined ? {} : { concurrency: parseWhole('--concurrency', concurrency, 1, 1_000) }),
  });
}
