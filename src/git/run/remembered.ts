import { createAnswers } from '../../lib/lru.ts';

/** A commit's full hash: what is read by it is the same for ever. */
export const isFullHash = (text: string): boolean => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text);

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
  { most, commits = Number.POSITIVE_INFINITY, keeps }: Memory<Answer>,
): (repository: string, ...asked: string[]) => Promise<Answer> {
  const answers = createAnswers(most, keeps);
  return (repository, ...asked) => {
    const once = asked.slice(0, commits).every(isFullHash);
    return once
      ? answers([repository, ...asked].join('\0'), () => ask(repository, ...asked))
      : ask(repository, ...asked);
  };
}
