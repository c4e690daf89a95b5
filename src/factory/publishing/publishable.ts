import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { redactText } from '../../lib/text/redact.ts';
import { isCiFile } from '../gates/pins/ci-files.ts';
import { provedCommit } from '../lifecycle/apply.ts';
import type { QualityReport } from '../model/gates/gate-report.ts';
import { ENDED, type Project, shownStatus } from '../model/project.ts';
import { listFindings } from '../model/secrets/secrets-found.ts';
import type { GitManager, StateStore } from '../ports.ts';

export interface PublishableDeps {
  state: Pick<StateStore, 'gates'>;
  git: Pick<GitManager, 'branchHead'>;
}

/** What may be published of a project. */
export interface Publishable {
  commit: string;
  /** All is proved of exactly this commit. */
  proved: boolean;
}

/**
 * The one commit of a project that may leave the machine: what its branch stands at, if all is proved of exactly that, or if its owner
 * wants it unproved.
 *
 * Throws `usage`: `not_ended`, `no_branch`, `nothing_to_publish`, `not_proved`, `branch_moved`, `gate_not_passed`.
 */
export async function publishable(
  { state, git }: PublishableDeps,
  project: Project,
  unproved: boolean,
): Promise<Publishable> {
  const { name, status, repository, workBranch, baseCommit } = project;
  if (!ENDED.has(status) || !project.settled)
    throw refusal(
      'not_ended',
      `The project ${name} is ${ENDED.has(status) ? 'just ending' : status}`,
      'It can be published when it has ended.',
    );
  const commit = await git.branchHead(repository, workBranch);
  if (commit === null)
    throw refusal(
      'no_branch',
      `The project ${name} has no branch ${workBranch} in ${repository}`,
      'There is nothing to publish.',
    );
  if (commit === baseCommit)
    throw refusal(
      'nothing_to_publish',
      `The project ${name} has committed nothing`,
      'There is nothing to publish.',
    );
  const lack = lackOfProof(project, commit, await state.gates(project.id).list());
  if (lack !== null && !unproved) throw lack;
  return { commit, proved: lack === null };
}

/** What goes out that nobody may have looked at. */
export interface Along {
  /** Commits of the base branch that were not known to be at the remote. */
  ofBase: number;
  /** Files that the forge runs when they are pushed. */
  ciFiles: string[];
}

/**
 * What may not go along with it: keys in any commit that would be sent; and, unless its owner is there to say so, commits of the base
 * branch that were never published, and changes to what the forge runs with its own secrets as soon as it is pushed.
 *
 * Throws `failed`/`secrets_found`, `usage`: `base_behind`, `ci_changed`.
 *
 * @param known the newest commit of the work that is at the remote; `null`: none is known to be, and its whole history would go out
 */
export async function mayGoOut(
  git: Pick<GitManager, 'secretsIn' | 'countCommits' | 'changedFiles' | 'listFiles'>,
  { repository, workBranch, baseBranch, baseCommit }: Project,
  { commit, known, ownerIsThere }: { commit: string; known: string | null; ownerIsThere: boolean },
): Promise<Along> {
  if (known === null && !ownerIsThere)
    throw refusal(
      'base_behind',
      `No commit of ${baseBranch} that ${workBranch} stands on is known to be at the remote`,
      `Fetch from it, or push ${baseBranch} first; df publish takes all of its history along.`,
    );
  const secrets = await git.secretsIn(repository, known, commit);
  if (secrets.length > 0)
    throw new DarkFactoryError(
      'failed',
      'secrets_found',
      `The commits of ${workBranch} hold what looks like keys: ${redactText(listFindings(secrets))}`,
      'Nothing was pushed. Take them out of the history and replace the keys; if they are no real ones, allow them by secrets.allow in config.yaml.',
    );
  const ofBase = await git.countCommits(repository, known, baseCommit);
  if (ofBase > 0 && !ownerIsThere)
    throw refusal(
      'base_behind',
      `${ofBase} ${ofBase === 1 ? 'commit' : 'commits'} of ${baseBranch} that ${workBranch} stands on ${ofBase === 1 ? 'is' : 'are'} not at the remote`,
      `Push ${baseBranch} first; df publish takes them along.`,
    );
  const files =
    known === null
      ? await git.listFiles(repository, commit)
      : await git.changedFiles(repository, known, commit);
  const ciFiles = files.filter(isCiFile);
  if (ciFiles.length > 0 && !ownerIsThere)
    throw refusal(
      'ci_changed',
      `${workBranch} changes what the forge runs, with its secrets, as soon as it is pushed: ${ciFiles.slice(0, 10).join(', ')}`,
      'Look at it (df diff); df publish pushes it.',
    );
  return { ofBase, ciFiles };
}

/** Why a commit does not count as proved; `null`: it does. */
function lackOfProof(
  project: Project,
  head: string,
  gates: readonly QualityReport[],
): DarkFactoryError | null {
  const { name, workBranch } = project;
  const orElse = `Look with df diff, and publish it as an unproved draft with: df publish ${project.id.slice(0, 8)} --unproved.`;
  const proved = provedCommit(project);
  if (proved === null)
    return refusal('not_proved', `The project ${name} is not proved (${shownStatus(project)})`, orElse);
  if (proved !== head)
    return refusal(
      'branch_moved',
      `The branch ${workBranch} stands at ${head.slice(0, 12)}, and what was proved is ${proved.slice(0, 12)}`,
      `It was moved by hand after the proof. Put it back, or: ${orElse}`,
    );
  // Of this very commit the last word counts: a gate by hand may have been red after the others.
  const gate = gates.findLast(({ commit, kind }) => commit === proved && kind !== 'baseline');
  if (gate?.passed === true) return null;
  const what = gate === undefined ? 'No gate has run' : `The gate of ${gate.persona} did not pass`;
  return refusal(
    'gate_not_passed',
    `${what} on ${proved.slice(0, 12)}, which the project ${name} ended with`,
    orElse,
  );
}

function refusal(code: string, message: string, hint: string): DarkFactoryError {
  return usageError(code, message, `Nothing was pushed. ${hint}`);
}
