import { ENDED, type Project } from '../../../../factory/model/project.ts';
import type { WorkDiff } from '../../../../factory/report/work-diff.ts';
import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import {
  bold,
  cyan,
  dim,
  formatCount,
  green,
  jsonText,
  plural,
  red,
  type Text,
} from '../../render/output.ts';
import { table } from '../../render/table.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, projects } = await context.services();
  const id = await projectArgument(context, invocation);
  const project = await state.project(id).get();
  const { out, err } = context;
  if (context.json) {
    out.raw(jsonText(await projects.getDiff(id)));
    return 0;
  }
  if (flagOption(invocation, 'stat')) showStat(context, await projects.getDiff(id));
  else {
    const { patch, cut } = await projects.getPatch(id);
    showPatch(context, patch);
    if (cut)
      err.line(
        `There is more of it. See all with: git -C ${project.repository} diff ${project.baseCommit.slice(0, 12)} ${project.workBranch}`,
      );
    else if (patch === '') err.line(nothingText(project));
  }
  if (project.baselineGate !== undefined && !ENDED.has(project.status))
    err.line(dim('Only what is committed so far.'));
  return 0;
}

function nothingText({ status, started, baselineGate }: Project): string {
  if (!ENDED.has(status))
    return started ? 'Nothing is committed yet.' : 'Nothing is committed: it was not started yet.';
  return baselineGate === undefined ? 'It ended before its work began.' : 'It ended without a change.';
}

function showStat({ out }: CommandContext, { files, added, removed }: WorkDiff): void {
  if (files.length > 0)
    out.line(
      table(
        [
          { head: 'file', width: 200 },
          { head: 'added', align: 'right' },
          { head: 'removed', align: 'right' },
        ],
        files.map((file) =>
          file.binary
            ? [file.path, dim('binary'), '']
            : [file.path, green(`+${formatCount(file.added)}`), red(`-${formatCount(file.removed)}`)],
        ),
        out,
      ),
    );
  out.line(
    `${plural(files.length, 'file')} changed, ${plural(added, 'line')} added, ${formatCount(removed)} removed`,
  );
}

/** Line by line: what agents wrote is made harmless, and coloured where there is a terminal. */
function showPatch({ out }: CommandContext, patch: string): void {
  if (patch === '') return;
  let inHunk = false;
  for (const line of patch.replace(/\r?\n$/, '').split(/\r?\n/)) {
    if (line.startsWith('diff --git ')) inHunk = false;
    else if (line.startsWith('@@')) inHunk = true;
    out.line(look(line, inHunk));
  }
}

function look(line: string, inHunk: boolean): Text {
  if (!inHunk) return bold(line);
  if (line.startsWith('+')) return green(line);
  if (line.startsWith('-')) return red(line);
  return line.startsWith('@@') ? cyan(line) : line;
}
