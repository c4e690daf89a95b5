import { access, constants } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { RepositoryConfig } from '../run/config.ts';
import type { Variables } from '../run/environment.ts';
import type { Git } from '../run/git.ts';
import { type GitDirs, requireGitDirs } from '../run/places.ts';
import { treeOf } from '../run/tree-entries.ts';
import { submodulesAt } from './submodules.ts';

/** What a worktree of the commit would lack, in sentences for the owner that say what to do. */
export async function checkoutProblems(
  git: Git,
  repository: string,
  commit: string,
  env: Variables,
): Promise<string[]> {
  const dirs = await requireGitDirs(repository);
  const lacking = (await submodulesAt(git, repository, commit)).filter(({ store }) => store === null);
  const submodules = lacking.map(
    ({ path, commit: id }) =>
      `The submodule ${path} will be empty: this repository does not have its commit ${id.slice(0, 12)}, and the factory fetches nothing. Run: git submodule update --init --recursive -- ${path}`,
  );
  const config = await git.config(dirs);
  const filters: string[] = [];
  for (const name of await filtersAt(git, dirs, commit)) {
    const problem = await filterProblem(config, name, env['PATH'] ?? '');
    if (problem !== null) filters.push(problem);
  }
  return [...submodules, ...filters];
}

/** Names of the filters that the commit's `.gitattributes` ask for. */
async function filtersAt(git: Git, dirs: GitDirs, commit: string): Promise<string[]> {
  const files = [...(await treeOf(git, dirs, commit)).keys()];
  const paths = files.filter((path) => /(^|\/)\.gitattributes$/.test(path));
  const names = new Set<string>();
  for (const path of paths) {
    const file = await git.repository(dirs, ['cat-file', 'blob', `${commit}:${path}`]);
    for (const line of file.stdout.toString('utf8').split('\n'))
      for (const [, name = ''] of line.replace(/^\s*#.*/, '').matchAll(/\sfilter=(\S+)/g)) names.add(name);
  }
  return [...names];
}

async function filterProblem(config: RepositoryConfig, name: string, path: string): Promise<string | null> {
  const commands = config.settings.filter(({ key }) =>
    ['clean', 'smudge', 'process'].some((variable) => key === `filter.${name}.${variable}`),
  );
  const install =
    name === 'lfs' ? 'Install Git LFS and run: git lfs install' : `Set it up with: git config --global`;
  const asStored = `files of the filter "${name}" (.gitattributes) stay as they are stored`;
  if (commands.length === 0)
    return `The ${asStored}: no program is configured for it. ${install}${name === 'lfs' ? '' : ` filter.${name}.clean …`}`;
  const trusted = commands.filter(({ outside }) => outside);
  if (trusted.length === 0)
    return `The ${asStored}: only this repository's own configuration names a program for it, and the factory runs none of these. ${install}${name === 'lfs' ? '' : ` filter.${name}.clean …`}`;
  for (const { value } of trusted) {
    const program = /^\s*("([^"]+)"|'([^']+)'|\S+)/.exec(value ?? '');
    const word = program?.[2] ?? program?.[3] ?? program?.[1];
    if (word === undefined || word === '' || (await isProgram(word, path))) continue;
    return `The program ${word} of the filter "${name}" (.gitattributes) is missing, so git may refuse to check out its files. Install it, or take the filter out of your git configuration.`;
  }
  return null;
}

/** What only a shell could find (a function, a variable) is taken as there. */
async function isProgram(word: string, path: string): Promise<boolean> {
  if (!/^[\w./+-]+$/.test(word)) return true;
  if (['cat', 'sed', 'sh', 'test', 'true', 'false'].includes(word)) return true;
  const candidates = isAbsolute(word) ? [word] : path.split(':').map((folder) => join(folder, word));
  const found = await Promise.all(
    candidates.map((file) =>
      access(file, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
