import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { call, MEND_SUM, scenario, sequence, taskIds } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';
import { openApi } from './open-api.ts';

it('takes the first answer to a question, tells the second so with 409, and shows the night', async () => {
  const [plan = call('finish', {}), , ...rest] = MEND_SUM;
  const ask: typeof plan = (turn) =>
    call('ask_owner', { question: 'Plus?', task_id: taskIds(turn)[0] ?? '' });
  const s = await scenario({ script: sequence([plan, ask, ...rest]) });
  const api = await openApi(s, 'operator');
  const { id } = await s.init('asks');
  await s.worker();
  await s.df('start', id);
  type Asked = { id: string; question: string; answer?: string };
  const open = () => api.get<Asked[]>('/questions?open=true');
  await until(async () => (await open()).body.length > 0, undefined, 'the agent asks');
  const [question] = (await open()).body;
  expect(question).toMatchObject({ question: 'Plus?' });
  const answers = await Promise.all(
    ['Plus.', 'Minus.'].map((text) => api.post(`/questions/${question?.id}/answer`, { text })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect((await open()).body).toEqual([]);
  expect((await api.get(`/questions?project=${id}`)).body).toMatchObject([{ by: 'token:operator' }]);
  expect(await api.post('/questions/nope/answer', { text: 'x' })).toMatchObject({ status: 404 });
  await s.settles(id);

  const { body } = await api.get<{ projects: { id: string; spans: { from: string; to: string }[] }[] }>(
    '/timeline',
  );
  expect(body.projects).toMatchObject([{ id, spans: expect.any(Array) }]);
  const spans = body.projects[0]?.spans ?? [];
  for (const [index, { from }] of spans.slice(1).entries()) expect(from).toBe(spans[index]?.to);
  expect((await api.get('/timeline?since=2999-01-01T00:00:00Z')).status).toBe(400);
  const { body: report } = await api.get<{ projects: object[] }>('/report');
  expect(report.projects).toMatchObject([{ id }]);
  const { body: spending } = await api.get<{ lastHour: Record<string, number> }>('/providers/spending');
  expect(spending.lastHour['main']).toBeCloseTo((await s.costs(id)).totalSpent, 9);

  const board = async (queue: string) => {
    const token = new URL(api.link).searchParams.get('token');
    const url = `${new URL(api.url).origin}/queues/api/queues?activeQueue=${queue}&status=completed`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    type Job = { name: string; isFailed: boolean };
    const { queues } = (await answer.json()) as { queues: { name: string; jobs: Job[] }[] };
    return queues.find(({ name }) => name === queue)?.jobs ?? [];
  };
  // The regular look for lost work leaves nothing there.
  expect((await board('projects')).map(({ name }) => name).sort()).toEqual(['asks: start', 'asks: stop']);
  const gates = await board('quality-gates');
  expect(gates.map(({ name }) => name)).toContainEqual(expect.stringMatching(/^asks: /));
  expect(gates.every(({ isFailed }) => !isFailed)).toBe(true);
  const bad = await s.init('fails');
  await s.df('stop', bad.id);
  await s.settles(bad.id);
  const stop = async () => (await board('projects')).find(({ name }) => name === 'fails: stop');
  await until(async () => (await stop()) !== undefined, undefined, 'its job is done');
  expect(await stop()).toMatchObject({ isFailed: true });
});

it('saves and removes personas for owners, and switches providers', async () => {
  const s = await scenario();
  const owner = await openApi(s, 'owner');
  type Shown = { text: string; fileVersion: string; source: string };
  const { body: engineer } = await owner.get<Shown>('/personas/engineer');
  expect(engineer).toMatchObject({ source: 'shipped', text: expect.stringContaining('name: engineer') });
  const text = engineer.text.replace('name: engineer', 'name: mine');
  expect((await owner.post('/personas/mine/check', { text })).body).toMatchObject({ valid: true });
  expect((await owner.post('/personas/mine/check', { text: 'x' })).body).toMatchObject({ valid: false });
  expect(await owner.post('/personas/mine', { text: 'x', ifVersion: null }, 'PUT')).toMatchObject({
    status: 400,
    body: { error: { code: 'persona_invalid' } },
  });
  const put = (body: object) => owner.post<Shown>('/personas/mine', body, 'PUT');
  const { status, body: saved } = await put({ text, ifVersion: null });
  expect([status, saved.source]).toEqual([200, 'home']);
  expect(await readFile(join(s.home, 'personas/mine.md'), 'utf8')).toBe(text);
  for (const ifVersion of [null, engineer.fileVersion])
    expect(await put({ text, ifVersion })).toMatchObject({
      status: 409,
      body: { error: { code: 'persona_changed' } },
    });
  expect((await s.json<{ name: string }[]>('persona', 'list')).map(({ name }) => name)).toContain('mine');

  const { id } = await s.init('uses it', '--persona', 'mine');
  const remove = () => owner.post(`/personas/mine?ifVersion=${saved.fileVersion}`, {}, 'DELETE');
  expect(await remove()).toMatchObject({ status: 409, body: { error: { code: 'persona_in_use' } } });
  await s.df('stop', id);
  await s.worker();
  await s.settles(id);
  expect(await remove()).toMatchObject({ status: 200, body: { removed: 'mine' } });
  expect((await owner.get('/personas/mine')).status).toBe(404);
  expect((await owner.get('/personas/%2e%2e%2fconfig')).status).toBe(404);

  expect((await owner.post('/providers/main/disable')).body).toMatchObject({ enabled: false });
  expect((await owner.post('/providers/main/enable')).body).toMatchObject({ enabled: true });
  expect(JSON.stringify((await owner.post('/providers/main/enable')).body)).not.toContain('apiKey');
  expect((await owner.post('/providers/nope/enable')).status).toBe(404);
});
