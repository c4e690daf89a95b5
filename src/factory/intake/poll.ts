import type { IntakeSource } from '../config/intake-settings.ts';
import type { ForgeIssue } from '../ports.ts';
import { type AskForgeDeps, askForge } from '../publishing/ask-forge.ts';
import { admitted } from './admit.ts';
import { alone } from './alone.ts';
import { keepComment } from './comment.ts';
import type { IntakeDeps } from './deps.ts';
import { editorsOf } from './editors.ts';
import { findProject, placesOf } from './find-project.ts';
import { issueOf } from './origin.ts';
import { followIssue, takeIssue } from './take-issue.ts';
import { followUnlisted } from './unlisted.ts';
import { issueName } from './words.ts';

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
  const asked = await askForge(deps, source.forge, async (forge, repository, known) => {
    const places = placesOf(repository, [...known.formerly, known.repository]);
    const find = ({ number }: ForgeIssue) => findProject(deps.state, source.forge, places, number);
    const issues = await forge.issues(source.label);
    const unknown: ForgeIssue[] = [];
    for (const issue of issues)
      await alone(deps, source, issue, 'follow', async () => {
        const { project } = await find(issue);
        const origin = project === null ? null : issueOf(project);
        if (project !== null && origin !== null)
          await followIssue(deps, forge, source, project, origin, issue);
        else if (project === null) unknown.push(issue);
      });
    await followUnlisted(deps, forge, source, places, new Set(issues.map(({ number }) => number)));
    const fresh = await admitted(unknown, source, deps.now(), {
      editors: (issue) => alone(deps, source, issue, 'edits', () => editorsOf(forge, issue)),
      labelledBy: (issue) =>
        alone(deps, source, issue, 'labels', () => forge.labelledBy(issue.number, source.label)),
    });
    for (const issue of fresh.sort((a, b) => a.number - b.number))
      await alone(deps, source, issue, 'take', async () => {
        const { id } = await find(issue);
        await takeIssue(deps, source, repository.name, issue, id);
        await deps.actAs(issueName(issue)).startProject(id);
      });
    for (const issue of issues)
      await alone(deps, source, issue, 'comment', async () => {
        const { id, project } = await find(issue);
        const origin = project === null ? null : issueOf(project);
        if (origin !== null) await keepComment(deps, forge, id, origin);
      });
    return `${issues.length} issues at ${source.forge}, ${fresh.length} of them new`;
  });
  return asked?.answer ?? null;
}
