/** A commit's full hash: what is read by it is the same for ever. */
const HASH = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/**
 * The same question with the same commits is asked of git once; the newest few answers are kept. Questions that name a branch
 * are always asked. A failure is not kept.
 *
 * @param ask first argument: the repository; all others: commits
 * @param most answers kept
 */
export function remembered<Answer>(
  ask: (repository: string, ...commits: string[]) => Promise<Answer>,
  most: number,
): (repository: string, ...commits: string[]) => Promise<Answer> {
  const known = new Map<string, Promise<Answer>>();
  return (repository, ...commits) => {
    if (!commits.every((each) => HASH.test(each))) return ask(repository, ...commits);
    const key = [repository, ...commits].join('\0');
    const before = known.get(key);
    const answer = before ?? ask(repository, ...commits);
    known.delete(key);
    known.set(key, answer);
    if (before === undefined) {
      answer.catch(() => known.delete(key));
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
    }
    return answer;
  };
}
