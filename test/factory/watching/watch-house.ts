import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { RetryOrder } from '../../../src/factory/lifecycle/retry.ts';
import type { NewEvent } from '../../../src/factory/model/event.ts';
import type { ForgesFile } from '../../../src/factory/model/forge/forge.ts';
import type { PublishSettings } from '../../../src/factory/model/forge/publication.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import {
  type Forge,
  type ForgeCheck,
  ForgeNotNow,
  type ForgePull,
  type ForgeReviewComment,
} from '../../../src/factory/ports.ts';
import { watchPull } from '../../../src/factory/watching/watch.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { NOW, PROJECT_ID, sampleProject } from '../../support/samples.ts';

export const COMMIT = 'c'.repeat(40);
export const MINUTE = 60_000;

/** A pull request of a completed project, and a forge that says what a test lets it say. */
export function pullRequest(change: Partial<Project> = {}) {
  const publication = {
    ...{
      forge: 'shop',
      url: 'https://forge.example/7',
      number: 7,
      branch: 'df/x/2026-03-01',
      commit: COMMIT,
    },
    ...{ draft: false, proved: true, watch: true, watchBy: 'owner' as const, at: NOW },
  };
  const { store } = createMemoryState(
    [sampleProject({ status: 'completed', settled: true, publication, ...change })],
    [],
  );
  let file = {
    forges: [
      {
        id: 'shop',
        kind: 'github',
        repository: 'acme/shop',
        token: 'env:T',
        url: 'https://forge.example',
        addedAt: NOW,
        formerly: [],
      },
    ],
  } as unknown as ForgesFile;
  const events: NewEvent[] = [];
  const said = {
    now: NOW,
    pull: { number: 7, state: 'open', commit: COMMIT, base: 'main' } as ForgePull,
    fork: 'b'.repeat(40) as string | null,
    checks: [] as ForgeCheck[],
    comments: [] as ForgeReviewComment[],
    log: 'no log',
    logAway: false,
    settings: { auto: 'off', watch: false } as PublishSettings,
    retries: 0,
  };
  const forge = {
    look: async () => ({ name: 'acme/shop', lacks: null }),
    pull: async () => said.pull,
    fork: async () => said.fork,
    checks: async () => said.checks,
    checkLog: async () => {
      if (said.logAway) throw new ForgeNotNow('forge_away', 'no answer within 120 s', NOW);
      return said.log;
    },
    comments: async () => [],
    reviewComments: async () => said.comments,
  } as unknown as Forge;
  const look = () =>
    watchPull(
      {
        state: {
          ...store,
          forges: () => ({
            get: async () => file,
            update: async (next: (now: ForgesFile) => ForgesFile) => {
              file = next(file);
              return file;
            },
          }),
        } as never,
        config: { ...said.settings, rounds: 2, reviewers: ['Ann'], patience: 60 * MINUTE },
        openForge: async () => forge,
        now: () => said.now,
        newId: randomUUID,
        record: async (event) => void events.push(event),
        secrets: async () => ['hunter2-hunter2'],
        actAs: () => ({
          async retryProject(id: string, { also, news }: RetryOrder = {}) {
            expect(news).toBe(true);
            said.retries += 1;
            return store
              .project(id)
              .update((current) => also?.({ ...current, status: 'active', settled: false }) ?? current);
          },
        }),
      },
      PROJECT_ID,
    );
  /** The attempt has ended, and its commit was published. */
  const ended = (commit: string) => {
    said.pull = { ...said.pull, commit };
    return store.project(PROJECT_ID).update((current) => ({
      ...current,
      ...{
        status: 'completed' as const,
        settled: true,
        publication: { ...(current.publication ?? publication), commit },
      },
    }));
  };
  const told = async () =>
    (await store.talk(PROJECT_ID).entries()).map((each) => (each.type === 'message' ? each.text : ''));
  return { said, events, look, ended, told, project: () => store.project(PROJECT_ID).get() };
}

export const check = (name: string, state: ForgeCheck['state']): ForgeCheck => ({
  id: `run/${name}`,
  name,
  state,
  log: '1',
});
export const types = (events: readonly NewEvent[]) =>
  events.map(({ type }) => type).filter((type) => type.startsWith('checks.'));
