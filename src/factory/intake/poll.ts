import { isFailure } from '../../lib/failure.ts';
import type { IntakeSource } from '../config/intake-settings.ts';
import { projectOrNull } from '../decisions/tree/tree.ts';
import { FACTORY } from '../finance/deps.ts';
import { type Forge, type ForgeIssue, ForgeNotNow } from '../ports.ts';
import { type AskForgeDeps, askForge } from '../publishing/ask-forge.ts';
import { isAdmitted } from './admit.ts';
import { keepComment } from './comment.ts';
import type { IntakeDeps } from './deps.ts';
import { issueOf } from './origin.ts';
import { followIssue, takeIssue } from './take-issue.ts';
import { issueName, projectOfIssue } from './words.ts';

/** Issues of strangers whose labels are looked into with one look; the others wait for the next one. */
const MOST_LOOKUPS = 30;

/**
 * One look at the issues of one source. What is there is compared with the projects that were made of it, so that it may be repeated,
 * cut off or done by several at any moment. An issue of which no project can be made holds up no other.
 *
 * @returns for the log; `null`: the forge may not be asked now
 */
export async function pollIntake(
  deps: IntakeDeps & AskForgeDeps,
  source: IntakeSource,
): Promise<string | null> {
  const asked = await askForge(deps, source.forge, async (forge, { repository }) => {
    const issues = await forge.issues(source.label);
    let lookups = 0;
    const labelledBy = async ({ number }: ForgeIssue) => {
      lookups += 1;
      return lookups > MOST_LOOKUPS ? null : forge.labelledBy(number, source.label);
    };
    const admitted: ForgeIssue[] = [];
    // The one that changed last comes first, so that no number of strangers' issues hides one that was just labelled.
    for (const issue of issues)
      await alone(deps, source, issue, 'follow', async () => {
        const project = await projectOrNull(deps.state, projectOfIssue(source.forge, issue.number));
        const origin = project === null ? null : issueOf(project);
        if (project !== null && origin !== null) await followIssue(deps, source, project, origin, issue);
        else if (project === null && (await isAdmitted(issue, source, () => labelledBy(issue))))
          admitted.push(issue);
      });
    for (const issue of admitted.sort((a, b) => a.number - b.number))
      await alone(deps, source, issue, 'take', async () => {
        const { id } = await takeIssue(deps, source, repository, issue);
        await deps.actAs(issueName(issue)).startProject(id);
      });
    for (const issue of issues)
      await alone(deps, source, issue, 'comment', () => comment(deps, forge, source, issue));
    return `${issues.length} issues at ${source.forge}, ${admitted.length} of them new`;
  });
  return asked?.answer ?? null;
}

async function comment(
  deps: IntakeDeps,
  forge: Forge,
  source: IntakeSource,
  issue: ForgeIssue,
): Promise<void> {
  const id = projectOfIssue(source.forge, issue.number);
  const project = await projectOrNull(deps.state, id);
  const origin = project === null ? null : issueOf(project);
  if (origin !== null) await keepComment(deps, forge, id, origin);
}

/** Trouble of the forge is everybody's; all else is told once for each thing that is done, and tried again with each look. */
async function alone(
  deps: IntakeDeps,
  source: IntakeSource,
  { number }: ForgeIssue,
  what: 'follow' | 'take' | 'comment',
  work: () => Promise<void>,
): Promise<void> {
  const episode = `issue-${what}-${projectOfIssue(source.forge, number)}`;
  try {
    await work();
    await deps.episodes.end(episode);
  } catch (error) {
    if (!isFailure(error) || error instanceof ForgeNotNow || isOfForge(error.code)) throw error;
    if (!(await deps.episodes.begin(episode))) return;
    const message = `The issue #${number} at ${source.forge} cannot be worked on: ${error.message}. ${error.hint}`;
    const data = { issue: number, forge: source.forge };
    await deps.record({ projectId: FACTORY, type: 'issue.refused', level: 'warn', message, data });
  }
}

const isOfForge = (code: string) => code === 'forge_token_refused' || code === 'forge_forbidden';
