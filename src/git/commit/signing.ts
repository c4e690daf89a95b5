/** Signed commits, by settings of the owner's config.yaml alone: nothing that a repository says chooses a key or a program. */
import { homedir } from 'node:os';
import type { Config } from '../../factory/config/config.ts';
import { DarkFactoryError, isFailure } from '../../lib/failure.ts';
import type { Variables } from '../run/environment.ts';
import { complaint, gitFailed } from '../run/failures.ts';
import type { GitAnswer, GitCall } from '../run/run.ts';

/** How commits are signed; `null`: they are not. */
export type Signing = { key: string; config: readonly string[]; variables: Record<string, string> } | null;

/** Where the owner's agents and key rings are. Only the signing program needs to know. */
const AGENTS = ['SSH_AUTH_SOCK', 'GNUPGHOME'];

export function signingOf({ sign, signingKey, signingProgram }: Config['git'], env: Variables): Signing {
  if (sign === false || signingKey === undefined) return null;
  const key = signingKey.replace(/^~(?=\/)/, () => env['HOME'] ?? homedir());
  const [openpgp, ssh] =
    sign === 'ssh' ? ['false', signingProgram ?? 'ssh-keygen'] : [signingProgram ?? 'gpg', 'false'];
  return {
    key,
    config: [
      `gpg.format=${sign}`,
      `user.signingKey=${key}`,
      `gpg.program=${openpgp}`,
      `gpg.openpgp.program=${openpgp}`,
      `gpg.ssh.program=${ssh}`,
      'gpg.ssh.defaultKeyCommand=',
    ],
    variables: Object.fromEntries(
      AGENTS.flatMap((name) => {
        const value = env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}

/**
 * `git commit-tree`, signed where that is wanted.
 *
 * @param run starts git on the right repository
 * @returns the commit
 *
 * Throws `environment`/`signing_failed`: then there is no commit, also no unsigned one; and as `gitFailed`.
 */
export async function writeCommit(
  run: (args: readonly string[], call: GitCall) => Promise<GitAnswer>,
  signing: Signing,
  args: readonly string[],
  call: GitCall,
): Promise<string> {
  const signed = signing === null ? [] : ['-S'];
  const asked = run(['commit-tree', ...signed, ...args], {
    ...call,
    variables: { ...call.variables, ...signing?.variables },
    config: [...(call.config ?? []), ...(signing?.config ?? [])],
  });
  const answer = await asked.catch((error: unknown) => {
    throw signing !== null && isFailure(error, 'git_timeout')
      ? notSigned(signing.key, 'the signing program did not end, as one that asks for a passphrase')
      : error;
  });
  if (answer.code === 0) return answer.stdout.toString('utf8').replace(/\n$/, '');
  const failed = gitFailed('write the commit', answer.stderr);
  // A key that may not be read is the owner's to mend; a disk or a machine mends itself.
  const isKeys = failed.code === 'not_permitted' && /Permission denied/i.test(answer.stderr);
  const passes = failed.code !== 'git_failed' && !isKeys;
  throw signing === null || passes ? failed : notSigned(signing.key, answer.stderr);
}

function notSigned(key: string, stderr: string): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'signing_failed',
    `the commit was not made, for it could not be signed with ${key}: ${complaint(stderr)}`,
    'Nobody can be asked for a passphrase: use a key without one, or one that an agent holds. Fix git.signingKey in config.yaml or set git.sign to false; then resume the project.',
  );
}
