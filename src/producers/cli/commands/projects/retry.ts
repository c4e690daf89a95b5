import { attemptOf, ENDED } from '../../../../factory/model/project.ts';
import { asShown } from '../../../documents/as-shown.ts';
import { countWorkers } from '../../../documents/workers.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { parseDurationOption, parseUsd, parseWhole } from '../../framework/parse.ts';
import { poll } from '../../framework/poll.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { readText } from '../../framework/text-input.ts';
import { jsonText, shortId } from '../../render/output.ts';
import { warnWithoutWorkers } from '../machine/worker-count.ts';

/** More rounds are no limit any more. */
const MOST_ROUNDS = 1_000;
/** How long a worker that lives is given to put away what the attempt before left. Milliseconds. */
const PATIENCE_MS = 10_000;

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const given = <T>(name: string, parse: (text: string) => T) => {
    const text = textOption(invocation, name);
    return text === undefined ? undefined : parse(text);
  };
  const order = {
    message: await given('message', (text) => readText('--message', text, context)),
    rounds: given('rounds', (text) => parseWhole('--rounds', text, 1, MOST_ROUNDS)),
    model: given('model', (text) => text),
    budget: given('budget', (text) => parseUsd('--budget', text)),
    maxRuntime: given('maxRuntime', (text) => parseDurationOption('--max-runtime', text)),
  };
  const { state, engine } = await context.services();
  const id = await projectArgument(context, invocation);
  await putAway(context, id);
  const project = await engine.retryProject(id, order);
  if (context.json) context.out.raw(jsonText(await asShown(state, project)));
  else {
    const said = order.message === undefined ? '' : ' Its agent is told your message.';
    context.out.line(
      `${project.name} (${shortId(id)}) lives on with attempt ${attemptOf(project)}, on ${project.workBranch}.${said}`,
    );
    context.out.line(`Follow it with: ${context.program} start ${shortId(id)} --wait`);
  }
  await warnWithoutWorkers(context);
  return 0;
}

/** One that was stopped a moment ago is just being put away. */
async function putAway(context: CommandContext, id: string): Promise<void> {
  const services = await context.services();
  const look = async () => {
    const { status, settled } = await services.state.project(id).get();
    return settled || !ENDED.has(status);
  };
  if ((await look()) || !(await countWorkers(services, context.env))) return;
  const until = services.clock.now().getTime() + PATIENCE_MS;
  await poll(async () => ((await look()) || services.clock.now().getTime() > until ? true : undefined));
}
