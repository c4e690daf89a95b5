import { onTestFinished } from 'vitest';
import { makeHome } from '../../support/home.ts';
import type { DfOptions } from '../../support/processes/processes.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

/** A home without a Redis of its own choice: the embedded one is used. */
export async function embeddedHome(): Promise<DfOptions & { repository: TestRepository }> {
  const home = await makeHome();
  onTestFinished(() => home.cleanup());
  const repository = await makeRepository();
  onTestFinished(() => repository.cleanup());
  return { home: home.home, env: repository.env, cwd: repository.dir, repository };
}
