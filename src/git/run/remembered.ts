/** A commit's full hash: what is read by it is the same for ever. */
const HASH = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

interface Memory<Answer> {
  /** Answers kept. */
  most: number;
  /** How many of the arguments after the repository are commits, the first ones; the others are asked of these. Default: all. */
  commits?: number;
  /** Whether an answer is kept once it is given. Default: each. */
  keeps?(answer: Answer): boolean;
}

/**
 * The same question with the same commits is asked of git once; the newest few answers are kept. Questions that name a branch
 * are always asked. A failure is not kept.
 *
 * @param ask first argument: the repository
 */
export function remembered<Answer>(
  ask: (repository: string, ...asked: string[]) => Promise<Answer>,
  { most, commits = Number.POSITIVE_INFINITY, keeps = () => true }: Memory<Answer>,
): (repository: string, ...asked: string[]) => Promise<Answer> {
  const known = new Map<string, Promise<Answer>>();
  return (repository, ...asked) => {
    if (!asked.slice(0, commits).every((each) => HASH.test(each))) return ask(repository, ...asked);
    const key = [repository, ...asked].join('\0');
    const before = known.get(key);
    const answer = before ?? ask(repository, ...asked);
    known.delete(key);
    known.set(key, answer);
    if (before === undefined) {
      answer.then(
        (given) => keeps(given) || known.delete(key),
        () => known.delete(key),
      );
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
    }
    return answer;
  };
}
