import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { config } from '../../src/factory/config/config.ts';
import { linkProblem } from '../../src/workspace/worktree/links.ts';
import { stage } from './stage.ts';

it.each([
  ['what git tracks', 'sum.js', 'tracked by git'],
  ['what is not there', 'nowhere', 'not in the checkout'],
  ['a symbolic link', 'out', 'symbolic link'],
  ['a folder with a socket', 'large', 'socket'],
  ['a file that git would commit', 'open.txt', 'does not ignore'],
  ['what holds nothing of these', 'plain', null],
  ['a file that git ignores', 'keys.txt', null],
])('a link to %s is refused with the reason, or made', async (_, path, why) => {
  const s = await stage({ 'sum.js': '1;\n', '.gitignore': 'large/\nplain/\nkeys.txt\n' });
  const at = (name: string) => join(s.repository.dir, name);
  for (const name of ['large', 'plain']) await mkdir(at(name));
  for (const name of ['plain/data.txt', 'keys.txt', 'open.txt']) await writeFile(at(name), 'x');
  await symlink('/etc', at('out'));
  const server = createServer().listen(at('large/s'));
  onTestFinished(() => void server.close());
  const problem = await linkProblem(
    {
      ...{ git: s.git, sandbox: async () => s.sandbox },
      config: config.parse({ worktree: { link: [path] } }),
      home: { root: s.data, data: s.data, setups: join(s.data, 'setups'), trials: join(s.data, 'trials') },
    },
    s.project,
  );
  if (why === null) expect(problem).toBeNull();
  else expect(problem).toContain(why);
});
