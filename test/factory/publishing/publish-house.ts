import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { qualityReport } from '../../../src/factory/model/gates/gate-report.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { newForge } from '../../../src/factory/publishing/forges.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import { createServices, type Services } from '../../../src/services.ts';
import { sampleAgent, sampleFinance, sampleProject } from '../../state/samples.ts';
import { type ForgeServer, startForgeServer } from '../../support/forge-server/index.ts';
import { makeHome } from '../../support/home.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

export interface PublishHouse {
  home: string;
  env: Record<string, string>;
  services: Services;
  server: ForgeServer;
  repository: TestRepository;
  /** A project that ended with one commit on its branch, all of it proved, unless it is told otherwise. */
  ended(name: string, more?: Partial<Project>, files?: Record<string, string>): Promise<Project>;
  /** One more commit on the project's branch. @returns its hash */
  commit(project: Project, files: Record<string, string>): Promise<string>;
  /** What the gate and the audit say of a commit from now on. */
  prove(project: Project, commit: string): Promise<void>;
}

/** A home with a forge, a repository that is pushed to it, and no Redis: shared by the tests of the block that calls this. */
export function publishHouse(options: { protected?: string[] } = {}): PublishHouse {
  const closers: (() => Promise<unknown>)[] = [];
  const house = {} as PublishHouse;
  beforeAll(async () => {
    const { home, cleanup } = await makeHome();
    closers.push(cleanup);
    const server = await startForgeServer({ ...options, closeWithTest: false });
    closers.push(server.close);
    const repository = await makeRepository();
    closers.push(repository.cleanup);
    await repository.git('remote', 'add', 'origin', server.remote());
    await repository.git('push', '--quiet', server.remote().replace('://', '://x:good-token@'), 'main');
    await writeFile(join(home, 'config.yaml'), 'publish:\n  auto: ready\n');
    const env = { ...repository.env, DF_HOME: home, FORGE_TOKEN: 'good-token' };
    const services = await createServices({ env });
    closers.push(() => services.close());
    await services.home.prepare();
    const order = { kind: 'github', repository: 'acme/shop', url: server.github } as const;
    const forge = newForge(order, 'env:FORGE_TOKEN', new Date());
    await services.state.forges().update((file) => ({ ...file, forges: [forge] }));
    Object.assign(house, { home, env, services, server, repository });
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  house.commit = async ({ workBranch }, files) => {
    const { git, write } = house.repository;
    await git('checkout', '--quiet', workBranch);
    for (const [path, content] of Object.entries(files)) await write(path, content);
    await git('add', '--all');
    await git('commit', '--quiet', '--message=Work');
    const commit = await git('rev-parse', 'HEAD');
    await git('checkout', '--quiet', 'main');
    return commit;
  };
  house.prove = async ({ id }, commit) => {
    const { state } = house.services;
    await state.gates(id).save(gate(id, commit, true));
    await state.project(id).update((current) => ({ ...current, lastAudit: audit(commit) }));
  };
  house.ended = async (name, more = {}, files = { [`${name}.txt`]: 'work\n' }) => {
    const { git, dir } = house.repository;
    const { state } = house.services;
    const workBranch = `df/${name}/2026-01-01`;
    await git('branch', workBranch, 'main');
    const project = sampleProject({
      ...{ id: randomUUID(), name, workBranch, repository: dir, gitDir: join(dir, '.git') },
      ...{ baseCommit: await git('rev-parse', 'main'), status: 'completed', settled: true, started: true },
      ...{ prepared: true, endTime: new Date(), ...more },
    });
    await state.createProject(project, [sampleAgent(project.id)], sampleFinance(project.id));
    await house.prove(project, await house.commit(project, files));
    return state.project(project.id).get();
  };
  return house;
}

let times = 0;
export const gate = (projectId: string, commit: string, passed: boolean) => {
  times += 1;
  return qualityReport.parse({
    ...{ id: `g${times}`, projectId, persona: 'engineer', kind: 'finish', round: 1, commit, passed },
    ...{ timestamp: new Date(Date.now() + times), sandbox: 'bubblewrap' },
    checks: [
      {
        name: 'test',
        passed,
        output: 'ok',
        required: true,
        command: 'node --test',
        exitCode: passed ? 0 : 1,
      },
    ],
  });
};

const audit = (commit: string): NonNullable<Project['lastAudit']> => ({
  ...{ kind: 'closing', round: 1, at: new Date(), commit, passed: true, judge: 'main', findings: [] },
});

export async function refusalOf(asked: Promise<unknown>): Promise<DarkFactoryError> {
  const error: unknown = await asked.catch((thrown: unknown) => thrown);
  if (error instanceof DarkFactoryError) return error;
  throw new Error(`expected a refusal, got ${error instanceof Error ? error.stack : JSON.stringify(error)}`);
}
