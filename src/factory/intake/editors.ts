import type { Forge, ForgeIssue } from '../ports.ts';
import { wordingOf } from './words.ts';

/** Who wrote the title and the text that are at hand, as `Forge.editors` tells. `null`: they are others by now, and the next look has those. */
export async function editorsOf(
  forge: Pick<Forge, 'editors' | 'issue'>,
  issue: ForgeIssue,
): Promise<readonly string[] | null> {
  const editors = await forge.editors(issue.number);
  return wordingOf(await forge.issue(issue.number)) === wordingOf(issue) ? editors : null;
}
