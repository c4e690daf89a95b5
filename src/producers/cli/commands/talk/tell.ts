import { readAgents } from '../../../../factory/model/agents.ts';
import type { Project } from '../../../../factory/model/project.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { projectAndWords } from '../../framework/project-argument.ts';
import { readText } from '../../framework/text-input.ts';
import { jsonText, shortId } from '../../render/output.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, projects } = await context.services();
  const { id, words } = await projectAndWords(context, invocation, 'The message');
  const message = await projects.sendMessage(id, await readText('TEXT', words, context));
  if (context.json) {
    context.out.raw(jsonText(message));
    return 0;
  }
  const project = await state.project(id).get();
  const done = (await readAgents(state, project)).every(({ status }) => status === 'completed');
  context.out.line(`Told ${project.name} (${shortId(id)}). ${whenHeard(project, done)}`);
  return 0;
}

function whenHeard({ status, started }: Project, done: boolean): string {
  if (done) return 'Its agents are done: the last one is set to work again before the project ends.';
  if (!started) return 'An agent is told when the project is started.';
  return status === 'active' || status === 'initializing'
    ? 'The agent at work is told with its next request.'
    : `The project is ${status.replaceAll('_', ' ')}: an agent is told when it goes on.`;
}
