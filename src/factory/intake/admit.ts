import type { IntakeSource } from '../config/intake-settings.ts';
import type { ForgeIssue } from '../ports.ts';

/** What is asked about issues with one look, of listed authors and of others: so many of the newest, and so many of the rest in turn. */
const NEWEST = 20;
const OTHERS = 40;

export interface IssueAsks {
  labelledBy(issue: ForgeIssue): Promise<string | null>;
  /** See `editorsOf`. */
  editors(issue: ForgeIssue): Promise<readonly string[] | null>;
}

/** Logins are the same in any case, at both forges. */
export function isListed(name: string | null, authors: readonly string[]): boolean {
  return name !== null && authors.some((each) => each.toLowerCase() === name.toLowerCase());
}

function carries({ labels }: Pick<ForgeIssue, 'labels'>, label: string): boolean {
  return labels.some((each) => each.toLowerCase() === label.toLowerCase());
}

/**
 * The issues that may become projects: they are open, carry the label, and a listed author wrote them as they are or put the label on.
 * Somebody else's label counts for nothing on somebody else's issue, and on one that somebody else has edited.
 *
 * @param issues the one that changed last first
 * @param asks is asked only where it decides, and of so many that a thousand issues do not use up what the forge grants; whoever is not
 *   asked about now is with a later look
 */
export async function admitted(
  issues: readonly ForgeIssue[],
  { label, authors, interval }: Pick<IntakeSource, 'label' | 'authors' | 'interval'>,
  now: Date,
  asks: IssueAsks,
): Promise<ForgeIssue[]> {
  const may = issues.filter((issue) => issue.state === 'open' && carries(issue, label));
  const own = may.filter(({ author }) => isListed(author, authors));
  const others = may.filter(({ author }) => !isListed(author, authors));
  const turn = Math.floor(now.getTime() / interval);
  const found: ForgeIssue[] = [];
  for (const issue of [...inTurn(own, turn), ...inTurn(others, turn)])
    if (await isWanted(issue, authors, asks)) found.push(issue);
  return found;
}

async function isWanted(issue: ForgeIssue, authors: readonly string[], asks: IssueAsks): Promise<boolean> {
  if (isListed(issue.author, authors)) {
    const editors = await asks.editors(issue);
    if (editors === null) return false;
    if (editors.every((each) => isListed(each, authors))) return true;
  }
  return isListed(await asks.labelledBy(issue), authors);
}

/** The newest, so that one that was just labelled need not wait, and a part of the rest, so that each has its turn. */
function inTurn<T>(all: readonly T[], turn: number): T[] {
  const rest = all.slice(NEWEST);
  const from = (turn % Math.max(1, Math.ceil(rest.length / OTHERS))) * OTHERS;
  return [...all.slice(0, NEWEST), ...rest.slice(from, from + OTHERS)];
}
