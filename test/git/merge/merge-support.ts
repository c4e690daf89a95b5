import { expect, onTestFinished } from 'vitest';
import { createGitManager } from '../../../src/git/manager.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

const TRAILERS = { project: 'parent', step: 'decision/1/merge' };

export async function stage(files: Record<string, string>) {
  const repository = await makeRepository({ files });
  onTestFinished(() => repository.cleanup());
  const git = createGitManager({ env: repository.env });
  const base = await repository.git('rev-parse', 'HEAD');
  const merge = (ours: string, theirs: string, added?: Record<string, string>, from = git) =>
    from.mergeCommits({
      repository: repository.dir,
      ours,
      theirs,
      message: 'Take the branch',
      trailers: TRAILERS,
      ...(added === undefined ? {} : { files: added }),
    });
  const side = (name: string, work: () => Promise<unknown>) => branch(repository, base, name, work);
  const show = (commit: string, path: string) => repository.git('show', `${commit}:${path}`);
  return { repository, git, base, merge, side, show };
}

/** A commit on a branch of its own, made by hand from the base. */
async function branch(repository: TestRepository, base: string, name: string, work: () => Promise<unknown>) {
  await repository.git('checkout', '--quiet', '-b', name, base);
  await work();
  await repository.git('add', '--all');
  await repository.git('commit', '--quiet', '--allow-empty', `--message=${name}`);
  const commit = await repository.git('rev-parse', 'HEAD');
  await repository.git('checkout', '--quiet', 'main');
  return commit;
}

export function commitOf(result: { kind: string; commit?: string }): string {
  expect(result.kind).toBe('merged');
  return result.commit ?? '';
}
