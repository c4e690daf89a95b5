import { DarkFactoryError, type FailureKind } from '../../lib/failure.ts';
import { complaint } from '../run/failures.ts';
import type { GitAnswer } from '../run/run.ts';
import { withoutPassword } from './address.ts';

interface Problem {
  matches: RegExp;
  kind: FailureKind;
  code: string;
  says(what: { branch: string; url: string }): string;
  hint: string;
}

/** What git and forges say when they take no push; the first row that fits decides. */
const PROBLEMS: readonly Problem[] = [
  {
    matches: /protected branch|GH006|GH013|not allowed to push code to protected|protected ref/i,
    kind: 'failed',
    code: 'push_protected',
    says: ({ branch, url }) => `${url} protects the branch ${branch} against pushes`,
    hint: 'Nothing was pushed. Let branches that begin with df/ be pushed there (rules for branches), or push it by hand.',
  },
  {
    matches: /\[rejected\]|non-fast-forward|fetch first/i,
    kind: 'failed',
    code: 'push_diverged',
    says: ({ branch, url }) => `The branch ${branch} at ${url} has other commits by now`,
    hint: 'Nothing was pushed, and nothing is ever forced. Look at them there, then ask again.',
  },
  {
    matches: /remote rejected|pre-receive hook declined|hook declined/i,
    kind: 'failed',
    code: 'push_rejected',
    says: ({ branch, url }) => `${url} refuses the branch ${branch}`,
    hint: 'Nothing was pushed. Do what it says there.',
  },
  {
    matches:
      /could not read (Username|Password)|Authentication failed|terminal prompts disabled|Permission denied|access denied|Host key verification failed|returned error: 40[13]|denied to/i,
    kind: 'environment',
    code: 'push_unauthorized',
    says: ({ url }) => `${url} does not let the factory push`,
    hint: 'Nothing was pushed. Let git push there without a question (a credential helper or an ssh agent in your own configuration), or give the forge a token that may: df forge set-token.',
  },
  {
    matches:
      /Could not resolve host|Failed to connect|Connection (refused|timed out|reset|closed)|unable to access|early EOF|hung up unexpectedly|does not appear to be a git repository|Could not read from remote|not found/i,
    kind: 'failed',
    code: 'push_unreachable',
    says: ({ url }) => `${url} cannot be reached, or is no repository`,
    hint: 'Nothing was pushed. Try git ls-remote with that address.',
  },
];

/** Why a git that talked to a remote failed. @param branch `null`: it only looked */
export function pushProblem(
  { stdout, stderr }: GitAnswer,
  { branch, url }: { branch: string | null; url: string },
): DarkFactoryError {
  const said = `${stderr}\n${stdout.toString('utf8')}`;
  const found = PROBLEMS.find(({ matches }) => matches.test(said));
  const what = { branch: branch ?? '', url: withoutPassword(url) };
  const words = withoutPassword(complaint(stderr) || complaint(stdout.toString('utf8')));
  if (found !== undefined)
    return new DarkFactoryError(found.kind, found.code, `${found.says(what)}: ${words}`, found.hint);
  const doing = branch === null ? 'look at' : 'push to';
  return new DarkFactoryError(
    'failed',
    'push_rejected',
    `git could not ${doing} ${what.url}: ${words}`,
    'Nothing was pushed. Look at what git says.',
  );
}
