import type { GitManager } from '../../factory/ports.ts';
import { createAnswers } from '../../lib/lru.ts';
import { freeBranchName } from './branch.ts';

/** Answers of each kind that are kept. */
const KEPT = 20_000;

/** See `GitManager.atOneMoment`. */
export function atOneMoment(
  git: GitManager,
  refNames: (repository: string) => Promise<string[]>,
): GitManager {
  const remember = <Args extends readonly string[], Answer>(ask: (...args: Args) => Promise<Answer>) => {
    const answers = createAnswers<Answer>(KEPT);
    return (...args: Args) => answers(args.join('\0'), () => ask(...args));
  };
  const refs = remember(refNames);
  return {
    ...git,
    inspectRepository: remember((folder: string) => git.inspectRepository(folder)),
    resolveCommit: remember((repository: string, reference: string) =>
      git.resolveCommit(repository, reference),
    ),
    checkoutProblems: remember((repository: string, commit: string) =>
      git.checkoutProblems(repository, commit),
    ),
    branchHead: remember((repository: string, branch: string) => git.branchHead(repository, branch)),
    generateBranchName: async (repository, projectName, date, taken) => {
      const near = nearNames(projectName, taken);
      return freeBranchName(projectName, date, [...(await refs(repository)), ...near]);
    },
  };
}

/** Of thousands of the factory's own names those that could be in the way of one for this project. */
function nearNames(projectName: string, taken: ReadonlySet<string>): string[] {
  const [top = '', middle = ''] = freeBranchName(projectName, new Date(0), []).split('/');
  const near = `/${middle}`;
  return [...taken].filter((name) => name.startsWith(top) && (name.includes(near) || !name.includes('/')));
}
