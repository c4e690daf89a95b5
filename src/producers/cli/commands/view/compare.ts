import { type BranchChoice, chooseBranch } from '../../../../factory/decisions/choose/choose.ts';
import { FIGURES } from '../../../../factory/decisions/tree/figure-text.ts';
import { type BranchFigures, branchFigures, branchStat } from '../../../../factory/decisions/tree/figures.ts';
import { projectOrNull } from '../../../../factory/decisions/tree/tree.ts';
import type { ForkChoice } from '../../../../factory/model/fork.ts';
import { type Project, shownStatus } from '../../../../factory/model/project.ts';
import type { FileFigures, StateStore } from '../../../../factory/ports.ts';
import { usageError } from '../../../../lib/failure.ts';
import { plainText } from '../../../../lib/text/plain-text.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { bold, cut, dim, green, jsonText, shortId, type Text } from '../../render/output.ts';
import { statusText } from '../../render/status-text.ts';
import { table } from '../../render/table.ts';

/** The document of `df compare --json`. */
interface Comparison {
  projects: Compared[];
  /** Of branches of one decision: the one that was chosen, or that the rule would choose now. */
  choice?: Choice;
  /** Why there is no choice. */
  note?: string;
}

type Compared = BranchFigures & {
  /** Changed files with their lines; `null` where the branch cannot be read. */
  diffstat: FileFigures[] | null;
};

interface Choice {
  id: string;
  option: string | null;
  by: ForkChoice['by'];
  why: string;
  /** It was taken; otherwise it is what the rule would choose from these figures. */
  decided: boolean;
}

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, git } = await context.services();
  const projects = await readProjects(state, invocation.args);
  const compared = await Promise.all(
    projects.map(async (project) => {
      const [figures, diffstat] = await Promise.all([
        branchFigures({ state, git }, project),
        branchStat({ git }, project),
      ]);
      return { ...figures, diffstat };
    }),
  );
  const comparison = { projects: compared, ...(await choiceOf(state, projects, compared)) };
  if (context.json) context.out.raw(jsonText(comparison));
  else show(context, comparison);
  return 0;
}

async function readProjects(state: StateStore, references: readonly string[]): Promise<Project[]> {
  if (references.length < 2) {
    throw usageError(
      'compare_too_few',
      'One project alone cannot be compared',
      'Give two or more, for example the children that df branches shows.',
    );
  }
  const ids = await Promise.all(references.map((reference) => state.resolveProject(reference)));
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw usageError(
      'compare_twice',
      `The project ${shortId(twice)} was given twice`,
      'Name each project once.',
    );
  }
  return Promise.all(ids.map((id) => state.project(id).get()));
}

async function choiceOf(
  state: StateStore,
  projects: readonly Project[],
  figures: readonly BranchFigures[],
): Promise<Pick<Comparison, 'choice' | 'note'>> {
  const [parentId, ...others] = new Set(projects.map(({ parentProjectId }) => parentProjectId));
  if (parentId === undefined || others.length > 0) return { note: unrelated(projects) };
  const taken = await choiceTaken(state, parentId, figures);
  if (taken !== null) return { choice: { ...taken, option: optionOf(figures, taken.id) } };
  const answer: BranchChoice = chooseBranch(figures);
  switch (answer.kind) {
    case 'chosen': {
      const { id, by, why } = answer;
      return { choice: { id, option: optionOf(figures, id), by, why, decided: false } };
    }
    case 'tie':
      return { note: `Evidence and figures are equal: ${answer.ids.map(shortId).join(', ')}.` };
    case 'none':
      return { note: answer.why };
  }
}

function unrelated(projects: readonly Project[]): string {
  const note = 'They are not branches of one decision';
  const bases = new Set(projects.map(({ baseCommit }) => baseCommit));
  return bases.size === 1
    ? `${note}.`
    : `${note}, and their base commits differ: what they changed does not begin at the same code.`;
}

/** What the parent wrote down, where it is about these. */
async function choiceTaken(
  state: StateStore,
  parentId: string,
  figures: readonly BranchFigures[],
): Promise<Omit<Choice, 'option'> | null> {
  // A parent that was removed decides nothing any more.
  const parent = await projectOrNull(state, parentId);
  const fork = parent?.forks.find(({ branches }) =>
    figures.every(({ id }) => branches.some((branch) => branch.projectId === id)),
  );
  const choice = fork?.choice;
  if (choice === undefined || !figures.some(({ id }) => id === choice.projectId)) return null;
  return { id: choice.projectId, by: choice.by, why: choice.why, decided: true };
}

function optionOf(figures: readonly BranchFigures[], id: string): string | null {
  return figures.find((each) => each.id === id)?.option ?? null;
}

/** Characters of a column. */
const WIDTH = 36;
/** Files that are shown; the document has all. */
const MOST_FILES = 40;

function show({ out }: CommandContext, { projects, choice, note }: Comparison): void {
  const columns = projects.map(({ option, name }) => ({
    head: plainText(cut(option ?? name, WIDTH)),
    width: WIDTH,
    wraps: true as const,
  }));
  const rows: Text[][] = [
    ['id', ...projects.map(({ id }) => shortId(id))],
    ...FIGURES.map(({ name, text }) => [
      name,
      ...projects.map((each) => (name === 'status' ? statusText(shownStatus(each)) : text(each))),
    ]),
    ['branch', ...projects.map(({ workBranch }) => workBranch)],
  ];
  out.line(table([{ head: '' }, ...columns], rows, out));
  const files = filesOf(projects);
  if (files.length > 0) {
    out.line();
    const shown = files
      .slice(0, MOST_FILES)
      .map(({ path, cells }) => [path, ...cells.map((each) => each ?? '')]);
    out.line(table([{ head: 'file', width: 60 }, ...columns], shown, out));
    if (files.length > MOST_FILES) out.line(dim(`and ${files.length - MOST_FILES} more`));
  }
  out.line();
  if (choice === undefined) out.line(note ?? '');
  else {
    const title = choice.option ?? shortId(choice.id);
    out.line([choice.decided ? green('chosen: ') : 'would be chosen: ', bold(cut(title, 80))]);
    out.line(`by ${choice.by}: ${choice.why}`);
  }
}

/** One row for each file that any of them touched, the most changed first; a cell for each project. */
function filesOf(projects: readonly Compared[]): { path: string; cells: (string | undefined)[] }[] {
  const stats = projects.map(
    ({ diffstat }) => new Map((diffstat ?? []).map((file) => [file.path, file] as const)),
  );
  const paths = [...new Set(stats.flatMap((files) => [...files.keys()]))];
  return paths
    .map((path) => {
      const files = stats.map((each) => each.get(path));
      const changed = files.reduce((sum, file) => sum + (file?.insertions ?? 0) + (file?.deletions ?? 0), 0);
      const cells = files.map((file) => file && `+${file.insertions} -${file.deletions}`);
      return { path, changed, cells };
    })
    .sort((a, b) => b.changed - a.changed || (a.path < b.path ? -1 : 1));
}
