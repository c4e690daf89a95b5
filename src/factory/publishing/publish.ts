import { usageError } from '../../lib/failure.ts';
import type { NewEvent } from '../model/event.ts';
import type { ForgeConfig } from '../model/forge/forge.ts';
import type { Publication, Watching } from '../model/forge/publication.ts';
import type { Project } from '../model/project.ts';
import type { Forge, ForgePull, GitManager, KeyVault, Pushed, StateStore } from '../ports.ts';
import { loadReport, type ReportDeps } from '../report/load-report.ts';
import { forgeOf } from './forge-of.ts';
import { openToken } from './forge-token.ts';
import { keepName, proveForge } from './forges.ts';
import { findPull, openPull, requireOpen } from './open-pull.ts';
import { type Along, mayGoOut, type Publishable, type PublishableDeps, publishable } from './publishable.ts';
import { pullBody, pullTitle } from './pull-body.ts';

export interface PublishDeps {
  state: ReportDeps['state'] & PublishableDeps['state'] & Pick<StateStore, 'forges' | 'oneAtATime'>;
  git: ReportDeps['git'] &
    PublishableDeps['git'] &
    Pick<
      GitManager,
      'pushTarget' | 'pushBranch' | 'secretsIn' | 'countCommits' | 'changedFiles' | 'listFiles'
    >;
  openForge(config: ForgeConfig): Promise<Forge>;
  vault: Pick<KeyVault, 'open'>;
  absences: ReportDeps['absences'];
  now(): Date;
  record(event: NewEvent): Promise<void>;
  /** In whose name it goes out. */
  by: string;
}

export interface PublishOrder {
  draft?: boolean;
  /** Its checks are to be watched. Missing: as it was. */
  watch?: boolean;
  /** The branch as it stands, as a draft that says so. */
  unproved?: boolean;
  /** The remote to push to. Missing: the one that it was published to, else that of the base branch. */
  remote?: string | undefined;
  /** The settings, or red checks, ask for it, and nobody looks: a pull request stays the draft that it is, or is not, and one that was closed is the end of it. */
  unattended?: boolean;
}

/** What `df publish` answers. */
export interface PublishAnswer extends Publication, Along {
  projectId: string;
  /** The pull request was made by this call; otherwise it was there, and was brought up to date. */
  created: boolean;
  /** Commits were pushed; otherwise they were there. */
  pushed: boolean;
}

/**
 * Pushes the work of an ended project to its own branch at the owner's remote, and opens a pull request, or brings the one that is open
 * up to date. What was done already is found and not done twice, so it may be asked again at any moment, after whatever went wrong.
 *
 * @throws DarkFactoryError `failed`/`pull_closed`, and as `publishable`, `mayGoOut`, `whereTo`, `proveForge`, `Forge` and `GitManager.pushBranch` say; nothing was pushed by then
 *   unless the forge alone is what failed
 */
export async function publishProject(
  deps: PublishDeps,
  projectId: string,
  order: PublishOrder,
): Promise<PublishAnswer> {
  const { state } = deps;
  // Two that publish at once would open two pull requests at a forge that lets them.
  return state.oneAtATime(`publish-${projectId}`, async () => {
    const project = await state.project(projectId).get();
    const work = await publishable(deps, project, order.unproved ?? false);
    const { target, config, takesToken } = await whereTo(deps, project, order);
    const { name } = await proveForge(await deps.openForge(config), config.id);
    await keepName(deps, config, name);
    const forge = await deps.openForge({ ...config, repository: name });
    // Before the push: what cannot be told of is not published.
    const body = pullBody(await loadReport(deps, projectId), work);
    if (order.unattended === true && project.publication !== undefined)
      await requireOpen(forge, project.publication);
    const there = await findPull(forge, project.workBranch, work.commit);
    const asIs = order.unattended === true && there !== undefined ? there.draft : order.draft;
    const pull = {
      ...{ branch: project.workBranch, base: target.base, title: pullTitle(project.name) },
      body,
      draft: (asIs ?? false) || !work.proved,
    };
    let along: Along = { ofBase: 0, ciFiles: [] };
    const pushed = await deps.git.pushBranch({
      ...{ ...target, repository: project.repository, branch: project.workBranch, commit: work.commit },
      ...(takesToken ? { token: await tokenOf(deps, config) } : {}),
      commonWith: (there, fetched) => commonAtForge(forge, there, [project.baseCommit, fetched]),
      async mayGo(known) {
        const ownerIsThere = order.unattended !== true;
        along = await mayGoOut(deps.git, project, { commit: work.commit, known, ownerIsThere });
      },
    });
    const opened = await openPull(forge, there, pull, work.commit);
    const { remote } = target;
    return keep(deps, project, { ...opened, order, work, pushed, along, remote, forge: config.id });
  });
}

/**
 * The remote and its forge: those that it was published to before, unless its owner says another. Throws `usage`/`forge_changed`, and as
 * `GitManager.pushTarget` and `forgeOf` say.
 */
async function whereTo({ git, state }: PublishDeps, project: Project, order: PublishOrder) {
  const { repository, baseBranch, publication } = project;
  const target = await git.pushTarget(repository, baseBranch, order.remote ?? publication?.remote);
  const found = forgeOf(await state.forges().get(), target, meantBy(project, order));
  if (order.unattended !== true || publication === undefined || found.config.id === publication.forge)
    return { target, ...found };
  throw usageError(
    'forge_changed',
    `The remote ${target.remote} leads to the forge ${found.config.id}, and ${publication.url} is at ${publication.forge}`,
    'Nothing was pushed. df publish pushes it there, with --remote to another place.',
  );
}

/** An issue, or where it was published before, tells the forge where the remote cannot; one that its owner chooses must tell it itself. */
function meantBy(
  { origin, publication }: Project,
  { remote }: PublishOrder,
): { id: string | undefined } | null {
  if (remote !== undefined) return null;
  if (publication?.remote !== undefined) return { id: publication.forge };
  return { id: origin?.kind === 'issue' ? origin.forge : undefined };
}

/**
 * What the forge says a commit that is known there alone has in common with one of these. It is asked of that commit and not of its
 * branch, so that a forge to which the remote does not belong says nothing.
 */
async function commonAtForge(
  forge: Forge,
  there: string,
  here: readonly (string | null)[],
): Promise<string | null> {
  for (const commit of here) {
    const common = commit === null ? null : await forge.fork(there, commit);
    if (common !== null) return common;
  }
  return null;
}

/** git at both forges takes a token as a password, by these names. */
async function tokenOf({ vault }: PublishDeps, { id, kind, token }: ForgeConfig) {
  return {
    user: kind === 'github' ? 'x-access-token' : 'oauth2',
    password: await openToken(vault, { id, token }),
  };
}

async function keep(
  { state, now, record, by }: PublishDeps,
  { id: projectId, workBranch: branch, publication: earlier }: Project,
  done: {
    pull: ForgePull;
    created: boolean;
    order: PublishOrder;
    work: Publishable;
    pushed: Pushed;
    along: Along;
    forge: string;
    remote: string;
  },
): Promise<PublishAnswer> {
  const { pull, created, order, work, pushed, along, forge, remote } = done;
  const { url, number, draft } = pull;
  const publication: Publication = {
    forge,
    remote,
    url,
    number,
    branch,
    ...work,
    draft,
    ...watchOf(order, earlier),
    at: now(),
  };
  await state
    .project(projectId)
    .update(({ toPublish: _wish, unpublished: _problem, watching, ...current }) => ({
      ...current,
      publication,
      ...(watching === undefined
        ? {}
        : { watching: order.watch === true ? watchedAgain(watching, now()) : watching }),
    }));
  const { commit, proved } = work;
  await record({
    projectId,
    ...{ type: 'project.published', level: 'info' },
    message: `${commit.slice(0, 12)}${proved ? '' : ', which is not proved,'} can be read at ${url}${draft ? ', a draft' : ''}.${alongText(along)}`,
    data: { by, url, number, branch, commit, draft, proved },
  });
  return { projectId, ...publication, created, pushed: pushed.pushed, ...along };
}

export function alongText({ ofBase, ciFiles }: Along): string {
  const commits = ofBase === 1 ? 'One commit' : `${ofBase} commits`;
  const base =
    ofBase === 0 ? '' : ` ${commits} of its base branch went along that the remote was not known to have.`;
  return ciFiles.length === 0 ? base : `${base} It changes what the forge runs: ${ciFiles.join(', ')}.`;
}

/** Whatever the settings ask for, what its owner has said of it stands. */
function watchOf(
  { watch, unattended = false }: PublishOrder,
  earlier: Publication | undefined,
): Pick<Publication, 'watch' | 'watchBy'> {
  if (watch === undefined || (unattended && earlier?.watchBy === 'owner'))
    return { watch: earlier?.watch ?? false, watchBy: earlier?.watchBy };
  return { watch, watchBy: unattended ? 'settings' : 'owner' };
}

/** By a word of its owner what was given up is watched again. */
function watchedAgain(watching: Watching, now: Date): Watching {
  if (watching.state !== 'over') return watching;
  const { reason: _, fork: _fork, ...rest } = watching;
  return { ...rest, state: 'pending', rounds: 0, since: now };
}
