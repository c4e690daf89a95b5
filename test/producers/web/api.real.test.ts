import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Project } from '../../../src/factory/model/project.ts';
import { call, scenario } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';
import { openApi } from './open-api.ts';

it('gives the documents that the command line prints, and takes its orders', async () => {
  const s = await scenario();
  const api = await openApi(s);
  const made = await api.post<Project>('/projects', {
    name: 'by api',
    description: 'Make add add.',
    repo: s.repository.dir,
    test: "grep 'a + b' sum.js",
    maxRuntime: '2h',
  });
  expect(made).toMatchObject({ status: 201, body: { name: 'by api', maxRuntime: 7_200_000 } });
  const { id } = made.body;
  for (const [path, ...words] of [
    ['/projects', 'list'],
    [`/projects/${id}`, 'status', id],
    [`/projects/${id}/tasks`, 'tasks', id],
    [`/projects/${id}/costs`, 'costs', id],
    [`/projects/${id}/branches`, 'branches', id],
    ['/providers', 'provider', 'list'],
  ] as const) {
    const { status, body } = await api.get(path);
    expect(status, path).toBe(200);
    expect(withoutMoments(body), path).toEqual(withoutMoments(await s.json(...words)));
  }
  expect(await api.post(`/projects/${id}/start`)).toMatchObject({ status: 200, body: { id, started: true } });
  expect(await api.post(`/projects/${id}/start`)).toMatchObject({
    status: 409,
    body: { error: { code: 'unchanged' } },
  });
  await s.worker();
  await until(async () => (await s.project(id)).settled, undefined, 'the project ends');
  expect((await api.get(`/projects/${id}/gates`)).body).toMatchObject([{ kind: 'baseline' }, {}]);
  expect(await api.post(`/projects/${id}/pause`)).toMatchObject({
    status: 409,
    body: { error: { code: 'project_ended' } },
  });
  const orders = (await s.services.state.events(id).readAll()).filter(({ data }) => data?.by !== undefined);
  expect(orders.map(({ type, data }) => [type, data?.by])).toEqual([
    ['project.created', 'token:owner'],
    ['project.started', 'token:owner'],
  ]);
  expect((await s.df('logs', id)).stdout).toMatch(/project\.started .*by token:owner/);
});

it('makes projects with the flags that a file of projects takes, but reads no folder of the machine for them', async () => {
  const s = await scenario();
  const api = await openApi(s);
  const order = { name: 'sealed', description: 'Make add add.', repo: s.repository.dir, test: 'true' };
  const made = await api.post<Project>('/projects', {
    ...order,
    sealWith: 'acceptance-tester',
    sealedCommand: 'sh sealed.sh',
    sealedShow: 'names',
  });
  expect(made).toMatchObject({
    status: 201,
    body: {
      settings: {
        sealWith: { persona: 'acceptance-tester', command: 'sh sealed.sh', show: 'names' },
      },
    },
  });
  const alone = await api.post('/projects', { ...order, sealedShow: 'none' });
  expect(alone).toMatchObject({ status: 400, body: { error: { code: 'sealed_folder_missing' } } });
  const reads = await api.post('/projects', { ...order, sealed: s.home, sealedCommand: 'cat *' });
  expect(reads).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  expect(reads.body.error.message).toMatch(/sealed: this address reads no folder of the machine/);
});

it('finds projects by every status that df list knows', async () => {
  const s = await scenario();
  const api = await openApi(s, 'viewer');
  const { id } = await s.init('ended by hand');
  const other = await s.init('not begun');
  await s.df('stop', id);
  for (const [status, found] of [
    ['stopped', id],
    ['failed', id],
    ['initializing', other.id],
  ] as const) {
    const { body } = await api.get<Project[]>(`/projects?status=${status}`);
    expect(body, status).toMatchObject([{ id: found }]);
    expect(withoutMoments(body), status).toEqual(withoutMoments(await s.json('list', '--status', status)));
  }
});

it('takes moments as df report does, however long ago, and says which it cannot take', async () => {
  const s = await scenario();
  const api = await openApi(s, 'viewer');
  for (const since of ['22:00', '2020-01-01T00:00:00Z']) {
    const { status, body } = await api.get<{ since: string }>(`/report?since=${since}`);
    expect(status, since).toBe(200);
    expect(body.since).toBe((await s.json<{ since: string }>('report', '--since', since)).since);
  }
  expect((await api.get('/report?since=12h')).status).toBe(200);
  expect(await api.get('/timeline?since=yesterday')).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_moment', hint: expect.stringContaining('22:00') } },
  });
});

it('gives the whole transcript where nobody says how many steps, as df show does', async () => {
  const s = await scenario();
  const api = await openApi(s, 'viewer');
  const { id } = await s.init('long night');
  const steps = Array.from({ length: 201 }, (_, step) => journalOfStep(step + 1));
  const journal = join(s.home, 'data/projects', id, 'agents/engineer.jsonl');
  await appendFile(
    journal,
    steps
      .flat()
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join(''),
  );
  const { body, headers } = await api.get<object[]>(`/projects/${id}/transcript`);
  expect(body).toHaveLength(201);
  expect(body).toEqual(await s.json('show', id));
  expect(headers.get('X-Earlier-Steps')).toBe('0');
  const newest = await api.get<object[]>(`/projects/${id}/transcript?last=50`);
  expect([newest.body.length, newest.headers.get('X-Earlier-Steps')]).toEqual([50, '151']);
});

it('refuses in one form: what is wrong, unknown, too large, not allowed or not there', async () => {
  const s = await scenario();
  const api = await openApi(s, 'operator');
  const refusals: [number, string, { status: number; body: { error: { code: string } } }][] = [
    [404, 'project_not_found', await api.get('/projects/nope')],
    [404, 'not_found', await api.get('/nowhere')],
    [400, 'invalid_request', await api.get('/projects?colour=red')],
    [400, 'invalid_request', await api.get('/projects?limit=0')],
    [400, 'page_unknown', await api.get('/projects?after=x')],
    [400, 'invalid_request', await api.post('/projects', { name: 'x' })],
    [400, 'body_invalid', await api.post('/projects', '{"name":')],
    [400, 'invalid_request', await api.post('/projects', '[]')],
    [413, 'body_too_large', await api.post('/projects', { name: 'x'.repeat(10_000_000) })],
    [405, 'method_not_allowed', await api.post('/health')],
    [400, 'invalid_request', await api.post('/projects/x/stop', { force: true })],
  ];
  for (const [status, code, answer] of refusals)
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  const { id } = await s.init('capped');
  expect(await api.post(`/projects/${id}/retry`), 'it has not ended').toMatchObject({
    status: 409,
    body: { error: { code: 'not_retryable' } },
  });
  expect(await api.post(`/projects/${id}/resume`, { budget: 1_000 })).toMatchObject({
    status: 403,
    body: { error: { code: 'role_missing' } },
  });
});

it('lets each role do what it may: a viewer reads, and a removed token opens nothing', async () => {
  const s = await scenario();
  const { id } = await s.init('looked at');
  const viewer = await openApi(s, 'viewer');
  expect((await viewer.get(`/projects/${id}`)).status).toBe(200);
  for (const order of ['start', 'pause', 'resume', 'stop', 'merge'])
    expect(await viewer.post(`/projects/${id}/${order}`)).toMatchObject({
      status: 403,
      body: { error: { code: 'role_missing' } },
    });
  expect((await s.project(id)).started).toBe(false);
  expect((await s.json<object[]>('token', 'list')).map((each) => Object.keys(each).sort())).toEqual([
    ['createdAt', 'id', 'name', 'role'],
  ]);
  await s.df('token', 'remove', 'viewer');
  expect((await viewer.get('/projects')).status).toBe(401);
});

it('describes itself as OpenAPI, with a schema for every body and document', async () => {
  const s = await scenario();
  const api = await openApi(s, 'viewer');
  const { body } = await api.get<Described>('/openapi.json');
  expect(body.openapi).toBe('3.1.0');
  expect((await api.get('/schedules')).body).toEqual([]);
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining(['/projects', '/projects/{id}/start', '/openapi.json']),
  );
  const make = body.paths['/projects']?.post.requestBody?.content['application/json'].schema;
  expect(make?.required).toEqual(['name', 'description', 'repo']);
  const listed = body.paths['/projects']?.get.responses['200']?.content['application/json'].schema;
  expect(listed?.items?.properties?.['createdAt']).toMatchObject({ type: 'string', format: 'date-time' });
});

it('streams events with ids, and goes on after the last one without a gap or a repetition', async () => {
  const s = await scenario({ script: () => call('finish', { summary: 'x' }) });
  const api = await openApi(s, 'viewer');
  const { id } = await s.init('streamed');
  const other = await s.init('other');
  const all = api.events(
    '/events',
    (types) => types.filter((type) => type === 'project.paused').length === 2,
  );
  await until(
    async () => (await api.events(`/projects/${id}/events`, (types) => types.length > 0)).length > 0,
  );
  await s.df('pause', id);
  await s.df('pause', other.id);
  const live = await all;
  expect(live.map(({ event }) => event.projectId)).toEqual(expect.arrayContaining([id, other.id]));
  const [first] = live;
  const rest = await api.events('/events', (types) => types.length >= live.length - 1, {
    'Last-Event-ID': first?.id ?? '',
  });
  expect(rest.map(({ event }) => event)).toEqual(live.slice(1).map(({ event }) => event));
  const whole = await api.events(`/projects/${id}/events`, (types) => types.includes('project.paused'));
  expect(whole.map(({ event }) => event)).toEqual(await s.services.state.events(id).readAll());
  const after = await api.events(`/projects/${id}/events?after=${whole[0]?.id}`, (types) =>
    types.includes('project.paused'),
  );
  expect(after.map(({ id: place }) => place)).toEqual(whole.slice(1).map(({ id: place }) => place));
  expect(await api.get('/events', { 'Last-Event-ID': 'x y' })).toMatchObject({ status: 400 });
});

/** A step in which a model was asked and answered, as an agent's journal has it. */
function journalOfStep(step: number): object[] {
  const [requestId, provider, model] = [`r${step}`, 'main', 'scripted-1'];
  return [
    { type: 'lease', holder: { host: 'h', pid: 1, startedAt: '1' } },
    { type: 'request', requestId, provider, model, operation: 'chat', reserved: 1 },
    {
      ...{ type: 'reply', requestId, provider, model, cost: 0.5, stop: 'end' },
      usage: { input: 10, cacheWrite: 0, cacheRead: 0, output: 5 },
      message: { role: 'assistant', parts: [{ type: 'text', text: `Words of step ${step}.` }] },
    },
    { type: 'step_done', outcome: 'continue' },
  ].map((record) => ({ at: new Date().toISOString(), epoch: step, step, ...record }));
}

/** Figures that move while one looks. */
function withoutMoments(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document), (key, value) =>
    key === 'time' || key === 'updatedAt' ? undefined : value,
  );
}

/** As much of OpenAPI as is looked at. */
interface Described {
  openapi: string;
  paths: Record<string, Record<'get' | 'post', Operation>>;
}
type Schema = { required?: string[]; items?: Schema; properties?: Record<string, Schema> };
interface Operation {
  requestBody?: { content: { 'application/json': { schema: Schema } } };
  responses: Record<string, { content: { 'application/json': { schema: Schema } } }>;
}
