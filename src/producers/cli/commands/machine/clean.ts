import { lostBranches } from '../../../../factory/lifecycle/lost-branches.ts';
import { ownerAct } from '../../../../factory/lifecycle/owner-act.ts';
import { formatBytes } from '../../../../lib/text/bytes.ts';
import { type Cleaned, cleanUp } from '../../../../state/projects/clean-up.ts';
import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation, textOption, textOptions } from '../../framework/options.ts';
import { parseDurationOption } from '../../framework/parse.ts';
import { jsonText, plural, yellow } from '../../render/output.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const age = parseDurationOption('--older-than', textOption(invocation, 'olderThan') ?? '30d');
  const services = await context.services();
  if (invocation.options['branches'] !== undefined) return cleanBranches(context, invocation);
  const now = services.clock.now();
  const done = await cleanUp(services, {
    dryRun: flagOption(invocation, 'dryRun'),
    worktreesOnly: flagOption(invocation, 'worktreesOnly'),
    before: new Date(now.getTime() - age),
    ...(flagOption(invocation, 'all') ? { keptBefore: now } : {}),
  });
  if (!done.dryRun)
    await ownerAct(services, 'home.cleaned', `Cleaned by its owner: ${sumOf(done)}.`, countsOf(done));
  tell(context, done);
  return 0;
}

/** Without names nothing is removed: work that nobody took is never thrown away in passing. */
async function cleanBranches(context: CommandContext, invocation: Invocation): Promise<number> {
  const { out, json, program } = context;
  const services = await context.services();
  const names = textOptions(invocation, 'branches');
  const dryRun = flagOption(invocation, 'dryRun');
  const { projects } = await services.state.listProjects();
  const branches = await lostBranches(services.git, projects, { names, dryRun });
  const removed = branches.filter((each) => each.removed);
  if (!dryRun && removed.length > 0)
    await ownerAct(
      services,
      'branches.removed',
      `Removed by its owner: ${removed.map(({ branch, commit }) => `${branch} (${commit})`).join(', ')}.`,
    );
  if (json) out.raw(jsonText({ dryRun, branches }));
  else if (branches.length === 0) out.line('No branch of a decision that lost is left.');
  for (const { branch, commit, removed: gone } of json ? [] : branches)
    out.line(
      gone
        ? `${dryRun ? 'Would remove' : 'Removed'} ${branch}; it comes back with: git branch ${branch} ${commit.slice(0, 12)}`
        : `${branch} (${commit.slice(0, 12)}) lost`,
    );
  if (!json && branches.length > 0 && removed.length === 0)
    out.line(
      `Nothing was removed. Name those that are to go: ${program} clean --branches ${branches[0]?.branch}`,
    );
  return 0;
}

function countsOf({ worktrees, files, bytes, scratch, packages }: Cleaned) {
  const packageSets = packages.entries;
  return { worktrees: worktrees.length, files: files.length, bytes, scratch: scratch.length, packageSets };
}

function sumOf(done: Cleaned): string {
  const { worktrees, files } = countsOf(done);
  return `${plural(worktrees, 'worktree', 'worktrees')}, ${plural(files, 'file', 'files')}`;
}

function tell({ out, err, json }: CommandContext, done: Cleaned): void {
  if (json) {
    out.raw(jsonText(done));
    return;
  }
  const verb = done.dryRun ? 'Would remove' : 'Removed';
  for (const worktree of done.worktrees) out.line(`${verb} the worktree ${worktree}; its branch stays`);
  if (done.files.length > 0) {
    out.line(
      `${verb} ${plural(done.files.length, 'old output or log', 'old outputs and logs')} (${formatBytes(done.bytes)})`,
    );
  }
  for (const folder of done.trials) out.line(`${verb} the repository of a trial, ${folder}`);
  for (const folder of done.scratch) out.line(`${verb} the scratch trees in ${folder}`);
  if (done.packages.entries > 0) {
    const { entries, bytes } = done.packages;
    out.line(
      `${verb} ${plural(entries, 'set of installed packages', 'sets of installed packages')} (${formatBytes(bytes)})`,
    );
  }
  const removed = [
    done.worktrees.length,
    done.files.length,
    done.scratch.length,
    done.trials.length,
    done.packages.entries,
  ];
  if (removed.every((count) => count === 0)) out.line('There is nothing to clean.');
  for (const { path: kept, reason } of done.kept) err.line([yellow('kept:'), ` ${kept} (${reason})`]);
}
