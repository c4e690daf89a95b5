import { execFileSync } from 'node:child_process';
import type { ForgeConfig, ForgeKind } from '../../src/factory/model/forge/forge.ts';
import { openForges } from '../../src/forge/open.ts';
import { DarkFactoryError } from '../../src/lib/failure.ts';
import { type ForgeServer, startForgeServer } from '../support/forge-server/index.ts';

/** A scripted forge, and the client of it. */
export async function open(kind: ForgeKind, token = 'good-token', now = () => new Date()) {
  const server = await startForgeServer();
  const config: ForgeConfig = {
    ...{
      id: 'shop',
      kind,
      repository: 'acme/shop',
      formerly: [],
      token: 'env:T',
      url: server[kind],
      addedAt: new Date(),
    },
  };
  const forge = await openForges({ vault: { open: async () => token }, now })(config);
  return { server, forge, config };
}

export const codeOf = async (asked: Promise<unknown>): Promise<string> => {
  const error = await asked.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof DarkFactoryError ? error.code : String(error);
};

const LINES = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);

/** A commit on main with twenty lines in `old.ts`, and one on a branch in which the file has another name and two lines more. */
export function seed(server: ForgeServer, branch: string): string {
  const git = (input: string, ...args: string[]) =>
    execFileSync('git', ['--git-dir', server.bareFolder, ...args], {
      encoding: 'utf8',
      input,
      env: {
        ...process.env,
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@b',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@b',
      },
    }).trim();
  const tree = (name: string, lines: readonly string[]) => {
    const blob = git(`${lines.join('\n')}\n`, 'hash-object', '-w', '--stdin');
    return git(`100644 blob ${blob}\t${name}\n`, 'mktree');
  };
  const base = git('', 'commit-tree', tree('old.ts', LINES), '-m', 'base');
  const after = ['first', ...LINES.slice(0, 9), 'new', ...LINES.slice(9)];
  const head = git('', 'commit-tree', tree('a.ts', after), '-p', base, '-m', 'work');
  git('', 'update-ref', 'refs/heads/main', base);
  git('', 'update-ref', `refs/heads/${branch}`, head);
  return head;
}

export const BRANCH = 'df/x/2026-01-01';
export const ORDER = { branch: BRANCH, base: 'main', title: 't', body: 'b', draft: false };
