import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Project } from '../../../src/factory/model/project.ts';
import { type Compiled, compile } from '../../support/compiled.ts';
import { publishHouse } from './publish-house.ts';

const PUBLISHER = new URL('publisher.ts', import.meta.url);
const house = publishHouse();

describe('whoever publishes', () => {
  let compiled: Compiled;
  beforeAll(async () => {
    compiled = await compile(PUBLISHER);
  });
  afterAll(() => compiled?.remove());

  test('A111 may be killed at any of its requests: one branch, one pull request, one word of it', async () => {
    const { server, services, env } = house;
    const killAt = async (project: Project, request: number): Promise<boolean> => {
      const child = spawn(process.execPath, [compiled.file(PUBLISHER), project.id], { env, stdio: 'ignore' });
      const ended = new Promise<NodeJS.Signals | null>((resolve) =>
        child.on('exit', (_, signal) => resolve(signal)),
      );
      let count = 0;
      server.watch(() => {
        count += 1;
        if (count === request) child.kill('SIGKILL');
      });
      const signal = await ended;
      server.watch(null);
      return signal === 'SIGKILL';
    };
    const pullsOf = ({ workBranch }: Project) =>
      server.state.pulls.filter(({ branch }) => branch === workBranch);
    let kills = 0;
    for (let request = 1; request <= 40; request++) {
      const project = await house.ended(`killed-${request}`, {
        toPublish: { draft: false, watch: true, since: new Date() },
      });
      const killed = await killAt(project, request);
      kills += killed ? 1 : 0;
      await services.publishing.publishWished(project.id);
      expect(pullsOf(project), `killed at request ${request}`).toHaveLength(1);
      expect(server.state.head(project.workBranch)).toBe(project.lastAudit?.commit);
      const { toPublish, publication } = await services.state.project(project.id).get();
      expect(toPublish).toBeUndefined();
      expect(publication).toMatchObject({ number: pullsOf(project)[0]?.number, watch: true });
      if (!killed) break;
    }
    expect(kills).toBeGreaterThanOrEqual(8);
  });
});
