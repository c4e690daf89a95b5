import type { IntakeSource } from '../config/intake-settings.ts';
import type { ForgeIssue } from '../ports.ts';

/** Issues of strangers whose labels are looked into with one look: so many of the newest, and so many of the others in turn. */
const NEWEST = 20;
const OTHERS = 40;

/** Logins are the same in any case, at both forges. */
export function isListed(name: string | null, authors: readonly string[]): boolean {
  return name !== null && authors.some((each) => each.toLowerCase() === name.toLowerCase());
}

function carries({ labels }: Pick<ForgeIssue, 'labels'>, label: string): boolean {
  return labels.some((each) => each.toLowerCase() === label.toLowerCase());
}

/**
 * The issues that may become projects: they are open, carry the label, and a listed author wrote them or put the label on. Somebody
 * else's label on somebody else's issue counts for nothing.
 *
 * @param issues the one that changed last first
 * @param labelledBy is asked only where it decides, and of so many that a thousand issues of strangers do not use up what the forge
 *   grants; whoever is not asked about now is with a later look
 */
export async function admitted(
  issues: readonly ForgeIssue[],
  { label, authors, interval }: Pick<IntakeSource, 'label' | 'authors' | 'interval'>,
  now: Date,
  labelledBy: (issue: ForgeIssue) => Promise<string | null>,
): Promise<ForgeIssue[]> {
  const may = issues.filter((issue) => issue.state === 'open' && carries(issue, label));
  const own = may.filter(({ author }) => isListed(author, authors));
  const others = may.filter(({ author }) => !isListed(author, authors));
  for (const issue of inTurn(others, Math.floor(now.getTime() / interval)))
    if (isListed(await labelledBy(issue), authors)) own.push(issue);
  return own;
}

/** The newest, so that one that was just labelled need not wait, and a part of the rest, so that each has its turn. */
function inTurn<T>(all: readonly T[], turn: number): T[] {
  const rest = all.slice(NEWEST);
  const from = (turn % Math.max(1, Math.ceil(rest.length / OTHERS))) * OTHERS;
  return [...all.slice(0, NEWEST), ...rest.slice(from, from + OTHERS)];
}
