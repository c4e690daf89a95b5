import type { Pushed, PushOrder } from '../../factory/ports.ts';
import { DarkFactoryError, isFailure } from '../../lib/failure.ts';
import { redactText } from '../../lib/text/redact.ts';
import { decoded } from '../../lib/text/text.ts';
import { withoutMissing } from '../../lib/without-missing.ts';
import type { Setting } from '../run/config.ts';
import type { Variables } from '../run/environment.ts';
import { expectSuccess } from '../run/failures.ts';
import type { Git } from '../run/git.ts';
import { type GitDirs, requireGitDirs } from '../run/places.ts';
import type { GitAnswer, GitCall } from '../run/run.ts';
import { withoutPassword } from './address.ts';
import { pushProblem } from './push-problems.ts';

/** Milliseconds. */
const LOOK_MS = 60_000;
const PUSH_MS = 10 * 60_000;
/** Branches that the factory makes; see `freeBranchName`. */
const OWN_BRANCH = /^df(-\d+)?\/./;

/**
 * Pushes one commit to one branch of the factory's at the owner's remote: the only place of the program from which anything is
 * pushed. From the owner's repository, never from a worktree of an agent; without force, hooks and prompts; no program but the owner's
 * own means of proving who they are runs, and of those only what stands outside the repository.
 *
 * Doing it again is harmless. Throws `usage`/`push_refused` for any other branch; `failed`: `push_diverged`, `push_protected`,
 * `push_rejected`, `push_unreachable`; `environment`: `push_unauthorized`.
 */
export async function pushBranch(git: Git, env: Variables, asked: PushOrder): Promise<Pushed> {
  const order = withoutSecret(asked);
  const { repository, url, branch, base, commit } = order;
  if (!OWN_BRANCH.test(branch) || branch === base) throw noOwnBranch(branch);
  const dirs = await requireGitDirs(repository);
  const call = await network(git, env, dirs, order);
  const heads = await branchesThere(git, dirs, url, call);
  const there = heads.get(base);
  if (there === undefined) throw baseMissing(base, url);
  const before = heads.get(branch) ?? null;
  if (before === commit) return { before, commit, pushed: false };
  if (before !== null && !(await isWithin(git, dirs, before, commit))) throw diverged(branch, url, before);
  await order.mayGo?.(await newestThere(git, dirs, order, there, before));
  const args = [
    'push',
    '--porcelain',
    '--no-verify',
    '--no-force',
    '--no-follow-tags',
    '--no-signed',
    '--recurse-submodules=no',
  ];
  const answer = await reach(
    git.repository(dirs, [...args, '--', url, `${commit}:refs/heads/${branch}`], {
      ...call,
      timeoutMs: PUSH_MS,
    }),
    url,
  );
  if (answer.code !== 0) throw pushProblem(answer, { branch, url });
  return { before, commit, pushed: true };
}

/**
 * A password in the address would stand in git's arguments for all users of the machine to see: it is handed over as a token is. So is a
 * token that stands there as the user.
 */
function withoutSecret(order: PushOrder): PushOrder {
  if (!/^https?:/.test(order.url) || !URL.canParse(order.url)) return order;
  const url = new URL(order.url);
  const [user, password] = [decoded(url.username), decoded(url.password)];
  const isSecret =
    password !== '' || (user !== '' && (order.token !== undefined || redactText(user) !== user));
  if (!isSecret) return order;
  url.username = '';
  url.password = '';
  return { ...order, url: url.href, token: order.token ?? { user, password } };
}

/** All branches of a remote, with what they stand at. */
async function branchesThere(
  git: Git,
  dirs: GitDirs,
  url: string,
  call: GitCall,
): Promise<Map<string, string>> {
  const asked = git.repository(dirs, ['ls-remote', '--heads', '--quiet', '--', url], {
    ...call,
    timeoutMs: LOOK_MS,
  });
  const answer = await reach(asked, url);
  if (answer.code !== 0) throw pushProblem(answer, { branch: null, url });
  const rows = answer.stdout.toString('utf8').split('\n');
  return new Map(
    rows.flatMap((row) => {
      const [, id, name] = /^([0-9a-f]{40,64})\trefs\/heads\/(.+)$/.exec(row) ?? [];
      return id === undefined || name === undefined ? [] : [[name, id] as const];
    }),
  );
}

/** A remote that says nothing is away, whatever git was waiting for. */
function reach(asked: Promise<GitAnswer>, url: string): Promise<GitAnswer> {
  return asked.catch((error: unknown) => {
    throw isFailure(error, 'git_timeout') ? silent(url) : error;
  });
}

/**
 * The newest commit of the work that is at its remote, by what stands there now. What stood there when it was last fetched may have been
 * taken out since, or have stood at another address: it is no more than something to ask for.
 */
async function newestThere(
  git: Git,
  dirs: GitDirs,
  { remote, base, commit, commonWith }: PushOrder,
  there: string,
  before: string | null,
): Promise<string | null> {
  const known = await commitsHere(git, dirs, before === null ? [there] : [there, before]);
  if (!known.includes(there)) {
    const [fetched = null] = await commitsHere(git, dirs, [`refs/remotes/${remote}/${base}`]);
    const common = (await commonWith?.(there, fetched)) ?? null;
    if (common !== null) known.push(...(await commitsHere(git, dirs, [common])));
  }
  if (known.length === 0) return null;
  const answer = await git.repository(dirs, ['merge-base', commit, ...known]);
  return answer.code === 0 ? answer.stdout.toString('utf8').trim() : null;
}

/** The commits of these names, as far as they are in the repository. */
async function commitsHere(git: Git, dirs: GitDirs, names: readonly string[]): Promise<string[]> {
  const input = names.map((name) => `${name}^{commit}\n`).join('');
  const asked = await git.repository(dirs, ['cat-file', '--batch-check'], { input });
  return expectSuccess(asked, 'look up what is at the remote')
    .stdout.toString('utf8')
    .split('\n')
    .flatMap((row) => /^([0-9a-f]{40,64}) commit /.exec(row)?.[1] ?? []);
}

/** Whether one commit, if it is known here at all, is an ancestor of the other. */
async function isWithin(git: Git, dirs: GitDirs, one: string, other: string): Promise<boolean> {
  const answer = await git.repository(dirs, ['merge-base', '--is-ancestor', one, other]);
  return answer.code === 0;
}

/** What of the owner's surroundings a way to a remote needs; everything else stays rebuilt. */
const OUTSIDE = [
  ...['SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'],
  ...[
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'ALL_PROXY',
    'all_proxy',
  ],
  ...['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
];

async function network(git: Git, env: Variables, dirs: GitDirs, { url, token }: PushOrder): Promise<GitCall> {
  const { settings } = await git.config(dirs);
  const owners = settings.filter(({ outside }) => outside);
  const ssh = owners.findLast(({ key }) => key === 'core.sshcommand')?.value;
  const outside = Object.fromEntries(OUTSIDE.map((name) => [name, env[name]]));
  return {
    variables: {
      ...withoutMissing(outside),
      GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
      // A password, a passphrase or an unknown host is a refusal, and no question: there is nobody to answer.
      GIT_SSH_COMMAND: ssh ?? 'ssh -o BatchMode=yes',
    },
    config: [
      'push.pushOption=',
      ...asItIs(url),
      ...(token === undefined ? ownHelpers(owners) : tokenHelper(url)),
    ],
    ...(token === undefined ? {} : { secret: `username=${token.user}\npassword=${token.password}\n` }),
  };
}

/** What the owner has set for addresses was applied when this one was found: a second time it could lead elsewhere. */
function asItIs(url: string): string[] {
  if (/[=\n]/.test(url)) return [];
  return ['insteadOf', 'pushInsteadOf'].map((name) => `url.${url}.${name}=${url}`);
}

/** The hardened settings have emptied the list of helpers. */
function ownHelpers(owners: readonly Setting[]): string[] {
  return owners
    .filter(
      ({ key, value }) => /^credential\.(.+\.)?helper$/s.test(key) && !key.includes('=') && value !== null,
    )
    .map(({ key, value }) => `${key}=${value}`);
}

/** Hands the token to this host alone, wherever the remote may lead: it is asked for at descriptor 3 when it is wanted. */
function tokenHelper(url: string): string[] {
  const helper = '!f() { test "$1" = get && cat <&3; }; f';
  return [`credential.${new URL(url).origin}.helper=${helper}`];
}

function silent(url: string): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'push_unreachable',
    `${withoutPassword(url)} has not answered in time`,
    'Nothing is known to have been pushed. Try git ls-remote with that address; asking again is harmless.',
  );
}

function noOwnBranch(branch: string): DarkFactoryError {
  return new DarkFactoryError(
    'usage',
    'push_refused',
    `${branch.slice(0, 200)} is no branch of the factory's`,
    'Nothing was pushed: only branches that begin with df/ are, and never a base branch.',
  );
}

function baseMissing(base: string, url: string): DarkFactoryError {
  return new DarkFactoryError(
    'usage',
    'base_unpublished',
    `There is no branch ${base.slice(0, 200)} at ${withoutPassword(url)} into which the work could go`,
    'Nothing was pushed. Publish what it stands on first, or give another remote with --remote.',
  );
}

function diverged(branch: string, url: string, there: string): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'push_diverged',
    `The branch ${branch} at ${withoutPassword(url)} has other commits (it stands at ${there.slice(0, 12)})`,
    'Nothing was pushed, and nothing is ever forced. Look at them there; take the branch away, or rename it, to publish this one.',
  );
}
