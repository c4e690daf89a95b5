import type { Project } from '../../../../factory/model/project.ts';
import { formatDuration } from '../../../../lib/duration.ts';
import {
  makeTrial,
  planTrial,
  type TrialOutcome,
  type TrialPlan,
  trialOutcome,
} from '../../../trial/trial.ts';
import { askYesNo, mayAsk } from '../../framework/ask.ts';
import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation, requiredArgument, textOption } from '../../framework/options.ts';
import { parseUsd } from '../../framework/parse.ts';
import { readText } from '../../framework/text-input.ts';
import { bold, cut, formatUsd, jsonText, plural, shortId, type Text, yellow } from '../../render/output.ts';
import { statusText } from '../../render/status-text.ts';
import { fields } from '../../render/table.ts';
import { runProject } from '../projects/run.ts';
import { repositoryOf } from './persona-repository.ts';

/** Shows what a trial costs; begins it where its owner says so, and tells what came of it. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const repository = await repositoryOf(services.git, context.cwd, textOption(invocation, 'repo'));
  const { name: persona, path } = await services.personas.load(repository, requiredArgument(invocation));
  const { text } = await services.personas.text(path);
  const task = textOption(invocation, 'task');
  const given = textOption(invocation, 'budget');
  const order = {
    ...{ persona, text },
    ...(given === undefined ? {} : { budget: parseUsd('--budget', given) }),
    ...(task === undefined ? {} : { task: await readText('--task', task, context) }),
  };
  const plan = { ...(await planTrial(services, persona, text)), ...order };
  const begins = flagOption(invocation, 'yes');
  if (!context.json) showPlan(context, plan);
  if (!begins && !(mayAsk(context) && (await askYesNo('Try it now?')))) {
    if (context.json) context.out.raw(jsonText({ ...plan, text: undefined }));
    else context.err.line(`Nothing was begun. Try it with: ${context.program} persona try ${persona} --yes`);
    return 0;
  }
  return runProject(context, () => makeTrial(services, context.env, order), {
    // A cap that does not pay for the next request is an outcome, too.
    waitForCredits: false,
    endsWithIt: 'interrupted',
    tell: (_end, project) => tellOutcome(context, project).then(() => undefined),
  });
}

function showPlan({ out }: CommandContext, { persona, task, budget, estimates }: TrialPlan): void {
  out.line(
    fields([
      ['Persona', bold(persona)],
      ['Task', cut(task.replace(/\s+/g, ' '), 100)],
      ...estimates.map((each): [string, Text] => [each.provider, estimateText(each, budget)]),
      ...(estimates.length === 0 ? [['Provider', yellow('none may work for it')] as [string, Text]] : []),
      ['At most', `${formatUsd(budget)}: no request is made that could cost more than what is left of it`],
    ]),
  );
}

function estimateText({ model, requests, cost }: TrialPlan['estimates'][number], budget: number): Text {
  if (cost === null) return yellow(`no price is known for ${model}, so it is not asked`);
  const text = `about ${formatUsd(cost)} for some ${requests} requests to ${model}`;
  return cost > budget ? yellow(`${text}: more than it may spend`) : text;
}

async function tellOutcome(context: CommandContext, project: Project): Promise<void> {
  const outcome = await trialOutcome(await context.services(), project);
  if (context.json) context.out.raw(jsonText(outcome));
  else context.out.line(fields(rowsOf(outcome, context.program)));
}

function rowsOf(outcome: TrialOutcome, program: string): [string, Text][] {
  const { persona, status, stopped, statusReason, turns, cost, activeMs, did, diff, gate, budget } = outcome;
  const changed =
    diff === null
      ? 'nothing'
      : `${plural(diff.files, 'file', 'files')}, +${diff.insertions} -${diff.deletions} lines`;
  return [
    ['Trial', [bold(persona), '  ', statusText(stopped === true ? 'stopped' : status)]],
    ...(statusReason === undefined ? [] : [['Why', statusReason] as [string, Text]]),
    ...did.map((each): [string, Text] => ['Task', [each.title, `  ${each.status.replaceAll('_', ' ')}`]]),
    ['Changed', changed],
    ['Gate', gate === null ? 'none has run' : `${gate.checks.passed} of ${gate.checks.total} checks passed`],
    ['Took', `${plural(turns, 'turn', 'turns')}, ${formatDuration(activeMs)} of active time`],
    ['Cost', `${formatUsd(cost)}${budget === undefined ? '' : ` of at most ${formatUsd(budget)}`}`],
    ['Look', `${program} show ${shortId(outcome.id)}   ${program} diff ${shortId(outcome.id)}`],
  ];
}
