import { join } from 'node:path';
import type { Project } from '../../factory/model/project.ts';
import { newUuid } from '../../lib/ids.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import { brief } from '../../lib/text/text.ts';
import type { Services } from '../../services.ts';
import type { ReviewTarget } from './target.ts';

/** USD that a review may spend where nobody says otherwise. */
export const REVIEW_BUDGET = 2;
/** Commits whose subjects say what the change is for. */
const MOST_SUBJECTS = 50;

export interface ReviewInput {
  /** Top folder of the owner's repository. */
  repository: string;
  target: ReviewTarget;
  /** USD. */
  budget: number;
  maxRuntime?: number;
  /** What installs the packages; `null`: nothing. Missing: found in the base. */
  setup?: string | null;
  /** What the change is for. Missing: the subjects of its commits. */
  about?: string;
}

/** Copies the two commits, and makes a project that reviews them; starts nothing. The owner's repository is only read. */
export async function makeReview(
  { home, engine, git, state }: Services,
  { repository, target, about, ...settings }: ReviewInput,
): Promise<Project> {
  const { of, base, head, madeBy } = target;
  const copy = join(home.trials, newUuid());
  const author = madeBy === undefined ? undefined : (await state.finance(madeBy.id).get()).currentProviderId;
  const commits = await git.log(repository, base, head, MOST_SUBJECTS);
  try {
    await git.copyCommits({ repository, folder: copy, base, head });
    return await engine.createProject({
      ...settings,
      name: brief(`review ${of}`, 200),
      description: about ?? commits.map(({ subject }) => subject).join('\n'),
      repository: copy,
      base: 'base',
      // Whoever reviews claims nothing, so nothing of this is checked.
      personas: ['reviewer'],
      commands: { test: null, lint: null, format: null },
      review: { of, source: repository, head, ...(author === undefined ? {} : { author }) },
    });
  } catch (error) {
    await removeTree(copy);
    throw error;
  }
}
