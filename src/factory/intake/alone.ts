import { isFailure } from '../../lib/failure.ts';
import { uuidFrom } from '../../lib/ids.ts';
import type { IntakeSource } from '../config/intake-settings.ts';
import { FACTORY } from '../finance/deps.ts';
import { type ForgeIssue, ForgeNotNow } from '../ports.ts';
import type { IntakeDeps } from './deps.ts';

/** What is done about an issue. */
type Part = 'labels' | 'edits' | 'follow' | 'take' | 'comment';

/**
 * Something that is done for one issue, whose trouble holds up no other. Trouble of the forge is everybody's; all else is told once for
 * each part, and tried again with each look.
 *
 * @returns `null`: it could not be done
 */
export async function alone<T>(
  { episodes, record }: Pick<IntakeDeps, 'episodes' | 'record'>,
  { forge }: Pick<IntakeSource, 'forge'>,
  { number, url }: Pick<ForgeIssue, 'number' | 'url'>,
  part: Part,
  work: () => Promise<T>,
): Promise<T | null> {
  const episode = `issue-${part}-${uuidFrom(`${forge}\0${url}`)}`;
  try {
    const answer = await work();
    await episodes.end(episode);
    return answer;
  } catch (error) {
    if (!isFailure(error) || error instanceof ForgeNotNow || isOfForge(error.code, part)) throw error;
    if (!(await episodes.begin(episode))) return null;
    const message = `The issue #${number} at ${forge} cannot be worked on: ${error.message}. ${error.hint}`;
    await record({
      ...{ projectId: FACTORY, type: 'issue.refused', level: 'warn', message },
      data: { issue: number, forge },
    });
    return null;
  }
}

/** One issue may be locked against comments while all others are not. */
const isOfForge = (code: string, part: Part) =>
  code === 'forge_token_refused' || (code === 'forge_forbidden' && part !== 'comment');
