import type { Pushed, PushOrder } from '../../factory/ports.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { withoutMissing } from '../../lib/without-missing.ts';
import type { Setting } from '../run/config.ts';
import type { Variables } from '../run/environment.ts';
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
  if (!heads.has(base)) throw baseMissing(base, url);
  const before = heads.get(branch) ?? null;
  if (before === commit) return { before, commit, pushed: false };
  if (before !== null && !(await isWithin(git, dirs, before, commit))) throw diverged(branch, url, before);
  const args = [
    'push',
    '--porcelain',
    '--no-verify',
    '--no-force',
    '--no-follow-tags',
    '--no-signed',
    '--recurse-submodules=no',
  ];
  const answer = await git.repository(dirs, [...args, '--', url, `${commit}:refs/heads/${branch}`], {
    ...call,
    timeoutMs: PUSH_MS,
  });
  if (answer.code !== 0) throw pushProblem(answer, { branch, url });
  return { before, commit, pushed: true };
}

/** A password in the address would stand in git's arguments for all users of the machine to see: it is handed over as a token is. */
function withoutSecret(order: PushOrder): PushOrder {
  if (!/^https?:/.test(order.url) || !URL.canParse(order.url)) return order;
  const url = new URL(order.url);
  if (url.password === '') return order;
  const [user, password] = [url.username, url.password].map(decodeURIComponent) as [string, string];
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
  const answer: GitAnswer = await git.repository(dirs, ['ls-remote', '--heads', '--quiet', '--', url], {
    ...call,
    timeoutMs: LOOK_MS,
  });
  if (answer.code !== 0) throw pushProblem(answer, { branch: null, url });
  const rows = answer.stdout.toString('utf8').split('\n');
  return new Map(
    rows.flatMap((row) => {
      const [, id, name] = /^([0-9a-f]{40,64})\trefs\/heads\/(.+)$/.exec(row) ?? [];
      return id === undefined || name === undefined ? [] : [[name, id] as const];
    }),
  );
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
    config: ['push.pushOption=', ...(token === undefined ? ownHelpers(owners) : tokenHelper(url))],
    ...(token === undefined ? {} : { secret: `username=${token.user}\npassword=${token.password}\n` }),
  };
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
