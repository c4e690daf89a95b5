import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { readText } from '../../framework/text-input.ts';
import { jsonText, shortId } from '../../render/output.ts';
import { warnWithoutWorkers } from '../machine/worker-count.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, projects } = await context.services();
  const words = await readText('TEXT', invocation.args.slice(1).join(' '), context);
  const question = await projects.answerQuestion(requiredArgument(invocation), words);
  if (context.json) context.out.raw(jsonText(question));
  else {
    const { name } = await state.project(question.projectId).get();
    context.out.line(
      `Answered question ${shortId(question.id)} of ${name}. Its agent is told with its next request.`,
    );
  }
  await warnWithoutWorkers(context);
  return 0;
}
