import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { orNull } from '../../lib/errno.ts';
import { type RepositoryConfig, remoteNames, remoteValues, setting } from '../run/config.ts';
import type { Git } from '../run/git.ts';
import { ours, readNote, readText, replaceFile, type Worktree } from '../run/places.ts';

/** A place where no repository can be: below a device. */
export const DEAD_URL = 'file:///dev/null/dark-factory-refuses-to-push';

const BEGIN =
  '# dark-factory: begin. Pushes from this worktree are refused; other worktrees are not concerned.';
const END = '# dark-factory: end';

const HOOK = `#!/bin/sh
echo "Dark Factory: pushing from this worktree is refused." >&2
echo "The work stays on its local branch; its owner pushes it after reading." >&2
exit 1
`;

export const hooksFolder = (worktree: Worktree) => ours(worktree.admin, 'hooks');
const settingsFile = (worktree: Worktree) => join(worktree.admin, 'config.worktree');

/**
 * Refuses pushes from one worktree by its own configuration: a dead push URL for every remote and for every URL, and a
 * pre-push hook in a folder of its own. The hooks of the owner, and pushes from elsewhere, go on as before.
 *
 * Needs `extensions.worktreeConfig`; callers hold the lock of the repository.
 */
export async function refusePushes(git: Git, worktree: Worktree): Promise<void> {
  const hook = join(hooksFolder(worktree), 'pre-push');
  if ((await readText(hook)) !== HOOK) await replaceFile(hook, HOOK, 0o755);
  // The mode of a new file is cut by the umask.
  await chmod(hook, 0o755);
  const { commonDir } = worktree;
  const block = refusal(await git.config({ gitDir: commonDir, commonDir }), hooksFolder(worktree));
  const current = (await readText(settingsFile(worktree))) ?? '';
  const wanted = withBlock(current, block);
  // Addresses with logins are among the settings: whoever cannot read the owner's cannot read these.
  const owners = await orNull(stat(join(commonDir, 'config')));
  if (wanted !== current) await replaceFile(settingsFile(worktree), wanted, (owners?.mode ?? 0o600) & 0o666);
}

/** Are the refusing settings in place, as far as files tell? */
export async function refusesPushes(git: Git, worktree: Worktree): Promise<boolean> {
  const [text, hook, note] = await Promise.all([
    readText(settingsFile(worktree)),
    readText(join(hooksFolder(worktree), 'pre-push')),
    readNote(worktree),
  ]);
  if (note === null || hook !== HOOK || !text?.includes(BEGIN)) return false;
  const config = await git.config({ gitDir: worktree.admin, commonDir: worktree.commonDir });
  return setting(config, 'core.hookspath') === hooksFolder(worktree);
}

/**
 * The settings, in git's own syntax. Written as one block instead of by a dozen calls of `git config`.
 *
 * `pushInsteadOf` with an empty prefix rewrites every URL without a push URL of its own, also one given on the command
 * line. A push URL that the owner configured is a list to which ours would only be added, so it is rewritten whole.
 */
export function refusal(config: RepositoryConfig, hooks: string): string {
  const remotes = remoteNames(config);
  const urls = remotes.flatMap((name) => remoteValues(config, name, 'url'));
  const pushUrls = remotes.flatMap((name) => remoteValues(config, name, 'pushurl'));
  return [
    BEGIN,
    '[core]',
    `\thooksPath = ${quote(hooks)}`,
    '[remote]',
    `\tpushDefault = ${quote(DEAD_URL)}`,
    ...remotes.flatMap((name) => [`[remote ${quote(name)}]`, `\tpushurl = ${quote(DEAD_URL)}`]),
    `[url ${quote(`${DEAD_URL}/`)}]`,
    '\tpushInsteadOf = ""',
    ...[...new Set(urls)].map((url) => `\tpushInsteadOf = ${quote(url)}`),
    ...[...new Set(pushUrls)].map((url) => `\tinsteadOf = ${quote(url)}`),
    END,
    '',
  ].join('\n');
}

/** Replaces our block, or puts it last where it outranks what stands before; the rest stays as it is. */
export function withBlock(text: string, block: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  const rest = begin < 0 || end < begin ? text : text.slice(0, begin) + text.slice(end + END.length + 1);
  return rest === '' || rest.endsWith('\n') ? rest + block : `${rest}\n${block}`;
}

function quote(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t')}"`;
}
