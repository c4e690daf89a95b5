import type { ForgeIssue } from '../ports.ts';

/** Logins are the same in any case, at both forges. */
export function isListed(name: string | null, authors: readonly string[]): boolean {
  return name !== null && authors.some((each) => each.toLowerCase() === name.toLowerCase());
}

function carries({ labels }: Pick<ForgeIssue, 'labels'>, label: string): boolean {
  return labels.some((each) => each.toLowerCase() === label.toLowerCase());
}

/**
 * Whether an issue may become a project: it is open, carries the label, and a listed author wrote it or put the label on. Somebody
 * else's label on somebody else's issue counts for nothing.
 *
 * @param labelledBy is asked only where it decides
 */
export async function isAdmitted(
  issue: ForgeIssue,
  { label, authors }: { label: string; authors: readonly string[] },
  labelledBy: () => Promise<string | null>,
): Promise<boolean> {
  if (issue.state !== 'open' || !carries(issue, label)) return false;
  return isListed(issue.author, authors) || isListed(await labelledBy(), authors);
}
