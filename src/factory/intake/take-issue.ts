import { usageError } from '../../lib/failure.ts';
import { uuidFrom } from '../../lib/ids.ts';
import { withoutMissing } from '../../lib/without-missing.ts';
import type { IntakeSource } from '../config/intake-settings.ts';
import type { IssueOrigin } from '../model/forge/issue-origin.ts';
import { ENDED, type Project } from '../model/project.ts';
import type { Forge, ForgeIssue } from '../ports.ts';
import { tell } from '../talk/messages.ts';
import { isListed } from './admit.ts';
import type { IntakeDeps } from './deps.ts';
import { editorsOf } from './editors.ts';
import { noteOrigin } from './origin.ts';
import { descriptionOf, editText, issueName, nameOfProject, wordingOf } from './words.ts';

/** An issue becomes a project with this id, by the settings alone. Throws `usage`/`issue_confidential`, and what `createProject` throws. */
export async function takeIssue(
  deps: IntakeDeps,
  source: IntakeSource,
  repository: string,
  issue: ForgeIssue,
  id: string,
): Promise<Project> {
  const { number, url, author, confidential } = issue;
  if (confidential)
    throw usageError(
      'issue_confidential',
      'It is confidential, and branch, commits and merge request would tell what it says',
      'Make a project of it yourself (df init), or lift its confidentiality there.',
    );
  const project = await deps.actAs(issueName(issue)).createProject(
    withoutMissing({
      id,
      name: nameOfProject(source.forge, issue),
      description: descriptionOf(repository, issue),
      repository: source.repo,
      personas: source.persona,
      budget: source.budget,
      origin: {
        ...{ kind: 'issue' as const, url, number, author, forge: source.forge },
        ...{ words: wordingOf(issue), edits: 0, state: 'open' as const, mark: deps.newId() },
      },
    }),
  );
  const message = `The issue #${number} of ${repository}, which ${author} wrote, became this project.`;
  await deps.record({
    projectId: project.id,
    type: 'issue.taken',
    level: 'info',
    message,
    data: { issue: number },
  });
  return project;
}

/**
 * What happened to the issue of a project since it was last looked at. Each act is done before it is put down, and doing it twice is
 * the same as once: a message has an id that its words give, and what has ended ends no more.
 */
export async function followIssue(
  deps: IntakeDeps,
  forge: Pick<Forge, 'editors' | 'issue'>,
  source: IntakeSource,
  project: Project,
  origin: IssueOrigin,
  issue: ForgeIssue,
): Promise<void> {
  const { id } = project;
  const engine = deps.actAs(issueName(issue));
  if (issue.state !== origin.state) {
    if (issue.state === 'closed') await engine.terminateProject(id, `The issue #${issue.number} was closed.`);
    else await reopen(deps, project, issue);
    await noteOrigin(deps.state, id, { state: issue.state });
  } else if (issue.state === 'open' && !project.started && !ENDED.has(project.status))
    await engine.startProject(id);
  // Last: that nothing more can be told to a project is no reason not to stop it.
  const words = wordingOf(issue);
  if (words === origin.words) return;
  const editors = await editorsOf(forge, issue);
  if (editors === null) return;
  await tellEdit(deps, source, project, origin, issue, editors);
  await noteOrigin(deps.state, id, { words, edits: origin.edits + 1 });
}

/** What somebody who is not listed writes into an issue, whoever's it is, is for the owner to judge. */
async function tellEdit(
  { state, newId, now, record }: IntakeDeps,
  { authors }: IntakeSource,
  project: Project,
  origin: IssueOrigin,
  issue: ForgeIssue,
  editors: readonly string[],
): Promise<void> {
  const { number } = issue;
  const stranger = editors.find((each) => !isListed(each, authors));
  if (editors.length === 0 || stranger !== undefined) {
    const who =
      stranger === undefined
        ? 'The forge does not say by whom'
        : `${stranger}, who edited its title or its text last, is not listed`;
    const message = `The issue #${number} was edited. ${who}, so its agents are not told: df tell does that.`;
    return record({
      projectId: project.id,
      type: 'issue.edited',
      level: 'warn',
      message,
      data: { issue: number },
    });
  }
  const id = uuidFrom(`edit\0${project.id}\0${origin.edits + 1}\0${wordingOf(issue)}`);
  await tell({ state, newId, now, record }, project, editText(issue), {
    ...{ by: issueName(issue), outside: 'issue', id },
  });
}

async function reopen(
  { state, newId, now, record, actAs }: IntakeDeps,
  project: Project,
  issue: ForgeIssue,
): Promise<void> {
  // Closed and opened again between two looks, or taken by its owner meanwhile.
  if (!ENDED.has(project.status) || project.applied !== undefined) return;
  const id = uuidFrom(`reopened\0${project.id}\0${project.attempts.length}`);
  const by = issueName(issue);
  const text = `The issue #${issue.number} was opened again: what was done is not enough yet.`;
  await tell({ state, newId, now, record }, project, text, { by, outside: 'issue', id });
  await actAs(by).retryProject(project.id, { news: true });
}
