import { isOfFuture } from '../../lib/clock.ts';
import type { Config } from '../config/config.ts';
import { isListed } from '../intake/admit.ts';
import type { OrchestrationEngine } from '../lifecycle/engine.ts';
import type { PlainType } from '../model/event.ts';
import { isIssueClosed } from '../model/forge/issue-origin.ts';
import { isWatched, isWatchWanted, type Publication, type Watching } from '../model/forge/publication.ts';
import { ENDED, type Project } from '../model/project.ts';
import type { Forge, ForgeReviewComment, StateStore } from '../ports.ts';
import { type AskForgeDeps, askForge } from '../publishing/ask-forge.ts';
import { type TalkDeps, tell } from '../talk/messages.ts';
import { type ChecksVerdict, judgeChecks } from './judge-checks.ts';
import { type Found, look } from './look.ts';
import { commentKey, commentNews, type News, redKey, redNews } from './news.ts';

export interface WatchDeps extends AskForgeDeps, TalkDeps {
  state: StateStore;
  config: Pick<Config['publish'], 'auto' | 'watch' | 'rounds' | 'reviewers' | 'patience'>;
  /** The engine in somebody's name. */
  actAs(by: string): Pick<OrchestrationEngine, 'retryProject'>;
  /** Keys that must not stand in what agents are shown. */
  secrets(): Promise<readonly string[]>;
}

/** A forge may need this long to see what was pushed. Milliseconds. */
const SEEN_MS = 60_000;
/** After green checks comments are waited for so long. Milliseconds. */
const COMMENTS_MS = 7 * 24 * 60 * 60_000;
const MOST_SHOWN = 50;
/** Comments that one round is begun with; the others come with the next one. */
const MOST_COMMENTS = 50;

/**
 * One look at the pull request of a project: its checks, its comments, and whether it is still what was published. Each act is done
 * before it is put down and is the same when done twice: a message has an id that the news give, an attempt begins where none is under way.
 * Nothing is ever written to the forge.
 *
 * @returns for the log
 */
export async function watchPull(deps: WatchDeps, projectId: string): Promise<string> {
  const project = await deps.state.project(projectId).get();
  const { publication, status, settled } = project;
  if (publication === undefined || !isWatched(project)) return 'it is watched no more';
  if (!ENDED.has(status) || !settled || project.toPublish !== undefined) return 'an attempt is under way';
  const watching = watchingOf(project, publication, deps.now());
  if (!isWatchWanted(publication, deps.config))
    return end(
      deps,
      project,
      watching,
      'The settings (publish.auto, publish.watch) ask for it no more.',
      'info',
    );
  if (status !== 'completed')
    return end(deps, project, watching, `The attempt to make its checks green ended as ${status}.`);
  if (isIssueClosed(project)) return end(deps, project, watching, 'Its issue was closed.', 'info');
  if (project.unpublished !== undefined)
    return end(deps, project, watching, 'What was done for its checks could not be published.');
  const asked = await askForge(deps, publication.forge, async (forge) => {
    const found = await look(forge, publication, deps.config.reviewers.length > 0);
    if (found === null) return end(deps, project, watching, 'The pull request is not there any more.');
    return judge(deps, forge, project, publication, watching, found);
  });
  return asked?.answer ?? `the forge ${publication.forge} may not be asked now`;
}

/** Of a commit that was just published nothing is known. After the clock was set back its checks have all their time again. */
function watchingOf({ watching }: Project, { commit }: Publication, now: Date): Watching {
  if (watching?.commit === commit)
    return isOfFuture(watching.since, now) ? { ...watching, since: now } : watching;
  const { rounds = 0, heard = [], fork } = watching ?? {};
  const known = fork === undefined ? {} : { fork };
  return { commit, since: now, state: 'pending', rounds, checks: [], heard, ...known };
}

async function judge(
  deps: WatchDeps,
  forge: Forge,
  project: Project,
  publication: Publication,
  before: Watching,
  { pull, fork, checks, comments }: Found,
): Promise<string> {
  const { config, now } = deps;
  if (pull.state !== 'open') return end(deps, project, before, `The pull request was ${pull.state}.`, 'info');
  if (pull.commit !== publication.commit) {
    const { at: published } = publication;
    if (now().getTime() - published.getTime() < SEEN_MS && !isOfFuture(published, now()))
      return 'the forge has not seen the push yet';
    const at = pull.commit.slice(0, 12);
    const what = `Somebody has moved its branch there to ${at}; ${publication.commit.slice(0, 12)} was published. Nothing is overwritten.`;
    return end(deps, project, before, what);
  }
  if (before.fork !== undefined && fork !== before.fork)
    return end(
      deps,
      project,
      before,
      `The base branch ${pull.base} was rewritten there: the commit ${before.fork.slice(0, 12)}, which the work began from, is not in it any more. Nothing is overwritten.`,
    );
  // In one order, whatever the forge's: two looks are compared.
  const names = checks
    .map(({ name, state }) => ({ name: name.slice(0, 200), state }))
    .toSorted((a, b) => `${a.name}\0${a.state}`.localeCompare(`${b.name}\0${b.state}`))
    .slice(0, MOST_SHOWN);
  const watching: Watching = { ...before, checks: names, ...(fork === null ? {} : { fork }) };
  const verdict = judgeChecks(checks, { since: watching.since, patience: config.patience }, now());
  const fresh = comments
    .filter((each) => isListed(each.author, config.reviewers) && !watching.heard.includes(commentKey(each)))
    .slice(0, MOST_COMMENTS);
  if (verdict.kind === 'failed' || fresh.length > 0)
    return another(deps, forge, project, publication, watching, verdict, fresh);
  return settle(deps, project, watching, verdict, before);
}

/** Begins another attempt with the news, as often as the settings say. */
async function another(
  deps: WatchDeps,
  forge: Forge,
  project: Project,
  { number, commit }: Publication,
  watching: Watching,
  verdict: ChecksVerdict,
  fresh: readonly ForgeReviewComment[],
): Promise<string> {
  const { id } = project;
  const failed = verdict.kind === 'failed' ? verdict.failed : [];
  const what =
    failed.length > 0
      ? `Checks are red: ${failed.map(({ name }) => name.slice(0, 100)).join(', ')}.`
      : 'Comments wait.';
  if (watching.rounds >= deps.config.rounds)
    return end(
      deps,
      project,
      watching,
      `${what} All ${watching.rounds} rounds (publish.rounds) are used up.`,
    );
  const { budget } = project.settings;
  if (budget !== undefined && project.totalCost >= budget)
    return end(deps, project, watching, `${what} Its budget of $${budget} is used up.`);
  const red = failed.length === 0 ? [] : [redKey(id, commit, failed)];
  if (fresh.length === 0 && red.every((key) => watching.heard.includes(key)))
    return end(deps, project, watching, `${what} The attempt that was begun for them has changed nothing.`);
  const secrets = await deps.secrets();
  const news: News[] = fresh.map((each) => commentNews(id, number, each, secrets));
  if (failed.length > 0) news.push(await redNews(forge, id, { number, commit }, failed, secrets));
  for (const { text, ...from } of news) await tell(deps, project, text, from);
  const rounds = watching.rounds + 1;
  const after: Watching = {
    ...watching,
    ...{ state: 'failed', rounds, heard: [...watching.heard, ...fresh.map(commentKey), ...red] },
  };
  await record(
    deps,
    project,
    'checks.failed',
    'info',
    `${what} Round ${rounds} of ${deps.config.rounds} begins.`,
  );
  await deps.actAs(`pull request #${number}`).retryProject(id, {
    news: true,
    also: (current) => ({ ...current, watching: after }),
  });
  return `round ${rounds}: ${what}`;
}

/** There is nothing to do: green, not yet, or never. */
async function settle(
  deps: WatchDeps,
  project: Project,
  watching: Watching,
  verdict: ChecksVerdict,
  before: Watching,
): Promise<string> {
  const { config, now } = deps;
  const listens = config.reviewers.length > 0;
  switch (verdict.kind) {
    case 'passed': {
      // The first one may be green before the others have come: they are to be the same ones at two looks.
      if (JSON.stringify(before.checks) !== JSON.stringify(watching.checks)) {
        await note(deps, project.id, watching);
        return 'all checks that have come are green';
      }
      const passed = { ...watching, state: 'passed' as const };
      if (watching.state !== 'passed')
        await record(
          deps,
          project,
          'checks.passed',
          'info',
          `All checks of ${project.publication?.url ?? ''} are green.`,
        );
      const waits = listens && now().getTime() - watching.since.getTime() < COMMENTS_MS;
      await note(
        deps,
        project.id,
        waits ? passed : { ...passed, state: 'over', reason: 'All checks are green.' },
      );
      return 'all checks are green';
    }
    case 'none':
      return end(deps, project, watching, 'No check has come for it.');
    case 'overdue':
      return end(
        deps,
        project,
        watching,
        `Checks have not ended in time (publish.patience): ${verdict.open.map(({ name, state }) => `${name.slice(0, 100)}${state === 'withheld' ? ' (was cancelled, or waits for somebody)' : ''}`).join(', ')}.`,
      );
    default:
      await note(deps, project.id, watching);
      return 'its checks have not ended yet';
  }
}

/** Told before it is put down: told twice after a crash rather than never. */
async function end(
  deps: WatchDeps,
  project: Project,
  watching: Watching,
  reason: string,
  level: 'info' | 'warn' = 'warn',
): Promise<string> {
  const message = `${reason} Its checks are watched no more; df publish ${project.id.slice(0, 8)} --watch begins anew.`;
  await record(deps, project, level === 'warn' ? 'checks.given_up' : 'checks.ended', level, message);
  await note(deps, project.id, { ...watching, state: 'over', reason });
  return reason;
}

function record(
  { record: write }: WatchDeps,
  { id: projectId }: Project,
  type: PlainType,
  level: 'info' | 'warn',
  message: string,
): Promise<void> {
  return write({ projectId, type, level, message });
}

async function note({ state }: WatchDeps, projectId: string, watching: Watching): Promise<void> {
  await state.project(projectId).update((current) => {
    // Another commit was published meanwhile, or an attempt has begun.
    if (current.publication?.commit !== watching.commit || !ENDED.has(current.status)) return current;
    const same = JSON.stringify(current.watching) === JSON.stringify(watching);
    return same ? current : { ...current, watching };
  });
}
