import { alongText } from '../../../../factory/publishing/publish.ts';
import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation, switchedOff, textOption } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { jsonText, yellow } from '../../render/output.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { publishing } = await context.services();
  const id = await projectArgument(context, invocation);
  if (switchedOff(invocation, 'watch')) {
    await publishing.stopWatching(id);
    if (context.json) context.out.raw(jsonText({ projectId: id, watch: false }));
    else context.out.line('Its checks are watched no more. Nothing was pushed.');
    return 0;
  }
  const answer = await publishing.publish(id, {
    draft: flagOption(invocation, 'draft'),
    unproved: flagOption(invocation, 'unproved'),
    remote: textOption(invocation, 'remote'),
    ...(flagOption(invocation, 'watch') ? { watch: true } : {}),
  });
  if (context.json) {
    context.out.raw(jsonText(answer));
    return 0;
  }
  const { created, draft, url, pushed, branch, commit, proved, watch } = answer;
  const what = `${draft ? 'draft of a pull request' : 'pull request'}`;
  context.out.line(`${branch} ${pushed ? 'was pushed' : 'was there already'} at ${commit.slice(0, 12)}.`);
  context.out.line(`The ${what} ${created ? 'was opened' : 'is up to date'}: ${url}`);
  if (watch) context.out.line('Its checks are watched while workers are up.');
  const along = alongText(answer);
  if (along !== '') context.err.line([yellow('warning:'), along]);
  if (!proved) context.err.line([yellow('warning:'), ' this commit is NOT PROVED, and the draft says so.']);
  return 0;
}
