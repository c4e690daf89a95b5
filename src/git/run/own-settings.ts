import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { parseSettings } from './config.ts';
import type { Git } from './git.ts';

/** What decides how files look to git. */
const WANTED =
  /^(core\.(autocrlf|eol|safecrlf|excludesfile|attributesfile|ignorecase|symlinks)|filter\..*\.(clean|smudge|process))$/s;

/** Settings of the owner's and the system's configuration that commands must share with the factory's own git. */
export async function ownSettings(git: Git): Promise<{ key: string; value: string }[]> {
  const asked = git.bare(['config', '--list', '-z', '--show-origin', '--includes'], { cwd: '/' });
  // That there is no git is said by whoever needs one.
  const answer = await asked.catch(expecting(isFailure, null));
  if (answer === null || answer.code !== 0) return [];
  const { settings } = parseSettings(answer.stdout.toString('utf8'), '');
  return settings
    .filter(({ key }) => WANTED.test(key))
    .map(({ key, value }) => ({ key, value: value ?? 'true' }));
}
