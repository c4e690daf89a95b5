import type { Git } from './git.ts';
import { submodulesAt } from './submodules.ts';

/** What a worktree of the commit would lack, in sentences for the owner that say what to do. */
export async function checkoutProblems(git: Git, repository: string, commit: string): Promise<string[]> {
  const lacking = (await submodulesAt(git, repository, commit)).filter(({ store }) => store === null);
  return lacking.map(
    ({ path, commit: id }) =>
      `The submodule ${path} will be empty: this repository does not have its commit ${id.slice(0, 12)}, and the factory fetches nothing. Run: git submodule update --init --recursive -- ${path}`,
  );
}
