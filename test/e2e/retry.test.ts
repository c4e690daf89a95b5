import { describe, expect, it } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { waitForRequests } from '../support/model.ts';
import { call, MEND_SUM, scenario, sequence, slow } from '../support/scenario.ts';

const GIVE_UP = call('finish', { summary: 'Nothing to do.' });

describe('df retry', () => {
  it('lets a failed project live on: same branch, same conversation, a message, until it is proved', async () => {
    const s = await scenario({
      script: sequence([GIVE_UP, ...MEND_SUM]),
      config: ['gates:', '  maxRounds: 1', 'worktree:', '  keep: none'],
    });
    const { id, workBranch } = await s.init('again');
    await s.worker();
    await s.ends(id, 1);
    await s.settles(id);
    expect(await s.df('retry', id, '--model', 'nobody')).toMatchObject({ code: 2 });
    expect(await s.df('apply', id)).toMatchObject({ code: 2 });
    const next = await s.json<Project>('retry', id, '--message', 'The sign is wrong.', '--rounds', '3');
    expect(next).toMatchObject({ status: 'initializing', workBranch, settings: { rounds: 3 } });
    expect((await s.df('retry', id)).code).toBe(2);
    await s.ends(id);
    const { attempts, status } = await s.project(id);
    expect(status).toBe('completed');
    expect(attempts.map((each) => each.status)).toEqual(['failed', 'completed']);
    const asked = JSON.stringify(s.model.requests.at(1)?.body);
    expect(asked).toContain('Nothing to do.');
    expect(asked).toContain('The owner says: The sign is wrong.');
    expect(asked).toContain('Attempt 2 of this project begins');
    expect((await s.df('retry', id)).stderr).toContain('nothing to try again');
    expect(await s.json('apply', id)).toMatchObject({
      branch: 'main',
      workBranch,
      squash: false,
      leftOut: 0,
    });
    expect(await s.repository.git('show', 'HEAD:sum.js')).toContain('a + b');
    expect(await s.repository.git('status', '--porcelain')).toBe('');
    expect((await s.project(id)).applied).toMatchObject({ branch: 'main' });
  });

  it('survives the kill of its worker, and what the owner stopped is shown as stopped until then', async () => {
    const s = await scenario({ script: slow(400) });
    const { id } = await s.init('stopped');
    const first = await s.worker();
    expect((await s.df('start', id)).code).toBe(0);
    await waitForRequests(s.model, 2);
    expect((await s.df('stop', id)).code).toBe(0);
    expect((await s.status(id)).project).toMatchObject({ status: 'failed', stopped: true });
    expect((await s.df('list')).stdout).toMatch(/stopped\s+stopped/);
    // At once: what was stopped is just being put away.
    expect((await s.df('retry', id, '--message', 'Go on.')).code).toBe(0);
    await waitForRequests(s.model, s.model.requests.length + 1);
    first.kill('SIGKILL');
    await first.exited;
    await s.worker();
    await s.ends(id);
    const said = (await s.journal(id)).filter(
      (entry) => entry.type === 'note' && entry.text.includes('Go on.'),
    );
    expect(said).toHaveLength(1);
    expect(await s.project(id)).not.toHaveProperty('stopped');
  });
});
