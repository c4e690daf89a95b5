import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWeb, type Web } from '../../../src/producers/web/web.ts';
import { askRaw, now, openBoards, TOKEN } from './boards.ts';

const QUEUES = '/queues/api/queues';
/** Bull Board's route that empties a queue. */
const EMPTY = '/queues/api/queues/audits/empty';

const { bus, board, writable } = await openBoards();

type Asked = Parameters<typeof askRaw>[2] & { at?: Web };
const ask = (path: string, { at = board, ...options }: Asked = {}) => askRaw(at, path, options);

async function cookieOf(at: Web = board): Promise<string> {
  const { headers } = await ask(`/?token=${TOKEN}`, { at });
  return String(headers['set-cookie']?.[0]).split(';')[0] ?? '';
}

const bearer = { authorization: `Bearer ${TOKEN}` };

describe('A59 board-no-auth: without the token', () => {
  it.each([
    '/',
    QUEUES,
    '/queues/static/favicon.ico',
    '/queues/queue/projects',
    '/api/v1/projects',
    '/nowhere',
    '//',
    '/%2e%2e/api/queues',
  ])('%s answers 401', async (path) => {
    expect((await ask(path)).status).toBe(401);
  });

  it('a wrong one, an empty one and one in a wrong place answer 401', async () => {
    expect((await ask('/?token=wrong')).status).toBe(401);
    expect((await ask('/?token=')).status).toBe(401);
    expect((await ask(QUEUES, { headers: { authorization: 'Bearer ' } })).status).toBe(401);
    expect((await ask(QUEUES, { headers: { cookie: 'df_board=x; other=y' } })).status).toBe(401);
    expect((await ask(EMPTY, { at: writable, method: 'PUT' })).status).toBe(401);
    expect((await ask(`${EMPTY}?token=${TOKEN}`, { at: writable, method: 'PUT' })).status).toBe(401);
  });
});

describe('with the token', () => {
  it('the printed link leaves a cookie for this board alone and goes on without the token', async () => {
    const { status, headers } = await ask(new URL(board.url).pathname + new URL(board.url).search);
    expect(status).toBe(303);
    expect(headers['location']).toBe('/');
    const cookie = String(headers['set-cookie']?.[0]);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
  });

  it('never redirects to another place', async () => {
    const { headers } = await ask(`//evil.example/?token=${TOKEN}&tab=1`);
    expect(headers['location']).toBe('/evil.example/?tab=1');
    expect((await ask(`/\\evil.example/?token=${TOKEN}`)).headers['location']).toBe('/evil.example/');
  });

  it('shows every queue of the catalogue', async () => {
    const { status, body } = await ask(QUEUES, { headers: { cookie: await cookieOf() } });
    expect(status).toBe(200);
    const { queues } = JSON.parse(body) as { queues: { name: string; readOnlyMode: boolean }[] };
    expect(queues.map((queue) => queue.name).sort()).toEqual(Object.keys(bus.queues).sort());
    expect(queues.every((queue) => queue.readOnlyMode)).toBe(true);
  });

  it('serves the page, its scripts and its styles', async () => {
    const headers = { cookie: await cookieOf() };
    const { body } = await ask('/queues/', { headers });
    const parts = [...body.matchAll(/(?:src|href)="(static\/[^"]+\.(?:js|css))"/g)].map((match) => match[1]);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect((await ask(`/queues/${part}`, { headers })).status).toBe(200);
  });
});

it('asks nothing of any other server: no foreign address in the page, and a policy that forbids it', async () => {
  const { body, headers } = await ask('/queues/', { headers: { cookie: await cookieOf() } });
  expect(body).toContain('Dark Factory');
  expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/https?:|\*/);
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  expect(headers['x-powered-by']).toBeUndefined();
});

it('a right token that was never shown before is let in however many wrong ones came from the same address', async () => {
  const crowded = await startWeb({
    queues: bus.queues,
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    role: 'viewer',
    now,
  });
  const wrong = { at: crowded, headers: { authorization: 'Bearer wrong' } };
  for (let times = 0; times < 10; times += 1) expect((await ask(QUEUES, wrong)).status).toBe(401);
  expect((await ask(QUEUES, wrong)).status).toBe(429);
  expect((await ask(`/?token=${TOKEN}`, { at: crowded })).status).toBe(303);
  expect((await ask(QUEUES, wrong)).status).toBe(429);
  await crowded.close();
});

describe('A61 board-host', () => {
  it.each(['evil.example', 'evil.example:3737', '127.0.0.1.evil.example', 'localhost@evil.example', '['])(
    'a request for %j answers 403, also with the token',
    async (host) => {
      expect((await ask(QUEUES, { headers: { ...bearer, host } })).status).toBe(403);
      expect((await ask(`/?token=${TOKEN}`, { headers: { host } })).status).toBe(403);
    },
  );

  it.each(['localhost', 'localhost:1', '[::1]:3737', '127.0.0.1'])(
    'a request for %j is served',
    async (host) => {
      expect((await ask(QUEUES, { headers: { ...bearer, host } })).status).toBe(200);
    },
  );

  it('beyond loopback an address is served and a foreign name is not', async () => {
    const wide = await startWeb({
      queues: bus.queues,
      host: '0.0.0.0',
      port: 0,
      token: TOKEN,
      role: 'viewer',
      now,
    });
    expect((await ask(QUEUES, { at: wide, headers: { ...bearer, host: '192.0.2.7:3737' } })).status).toBe(
      200,
    );
    expect((await ask(QUEUES, { at: wide, headers: { ...bearer, host: 'evil.example' } })).status).toBe(403);
    await wide.close();
  });
});

describe('changes', () => {
  it('are refused with 405 by a read-only board', async () => {
    expect((await ask(EMPTY, { method: 'PUT', headers: bearer })).status).toBe(405);
  });

  it('A60 board-csrf: from another site are refused with 403', async () => {
    const own = `http://127.0.0.1:${new URL(writable.url).port}`;
    const cookie = await cookieOf(writable);
    const attempts: Record<string, string>[] = [
      { origin: 'http://evil.example', 'content-type': 'text/plain' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: own, 'sec-fetch-site': 'cross-site' },
      {},
    ];
    for (const headers of attempts) {
      const host = own.slice('http://'.length);
      const answer = await ask(EMPTY, { at: writable, method: 'PUT', headers: { cookie, host, ...headers } });
      expect(answer.status, JSON.stringify(headers)).toBe(403);
    }
  });

  it('A84 cookie-and-header: a cookie changes nothing without an Origin, whatever else is sent with it', async () => {
    const cookie = await cookieOf(writable);
    const { host } = new URL(writable.url);
    const mixes: [number, Record<string, string>][] = [
      [403, { authorization: 'Basic eDp5' }],
      [403, { authorization: 'x' }],
      [403, { authorization: '' }],
      [401, { authorization: 'Bearer' }],
      [401, { authorization: 'Bearer wrong' }],
      [401, { authorization: 'Bearer wrong', origin: `http://${host}` }],
      [403, { authorization: 'Token x', referer: `http://${host}/` }],
      [403, { 'sec-fetch-site': 'same-origin' }],
      [403, { 'sec-fetch-site': 'none' }],
      [403, { 'content-type': 'application/json', 'x-requested-with': 'XMLHttpRequest' }],
      [403, { authorization: `Bearer ${TOKEN}`, origin: 'http://evil.example' }],
      [403, { authorization: `Bearer ${TOKEN}`, origin: 'null' }],
      [403, { authorization: `Bearer ${TOKEN}`, 'sec-fetch-site': 'cross-site' }],
      [403, { authorization: 'Basic eDp5', upgrade: 'websocket', connection: 'upgrade' }],
    ];
    for (const method of ['PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'])
      for (const [status, headers] of mixes) {
        const answer = await ask(`${EMPTY}?token=${TOKEN}`, {
          at: writable,
          method,
          headers: { cookie, host, ...headers },
        });
        expect(answer.status, `${method} ${JSON.stringify(headers)}`).toBe(status);
      }
    // Reading through a proxy that has a login of its own goes on.
    const read = await ask(QUEUES, { at: writable, headers: { cookie, host, authorization: 'Basic eDp5' } });
    expect(read.status).toBe(200);
  });

  it('from the page of a writable board, or from a program with the token, are made', async () => {
    const { host, origin } = new URL(writable.url);
    const add = () =>
      bus.enqueue({ queue: 'projects', payload: { action: 'reconcile' }, deduplicationId: 'one' });
    const empty = (headers: Record<string, string>) =>
      ask('/queues/api/queues/projects/empty', { at: writable, method: 'PUT', headers });
    await add();
    const cookie = await cookieOf(writable);
    expect((await empty({ cookie, host, origin, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await bus.counts()).projects.waiting).toBe(0);
    await add();
    expect((await empty(bearer)).status).toBe(200);
    expect((await bus.counts()).projects.waiting).toBe(0);
  });
});

it('shows no stack when something goes wrong', async () => {
  const answer = await ask('/queues/queue/%E0%A4%A', { headers: bearer });
  expect(answer.status).toBe(400);
  expect(answer.body).not.toContain('node_modules');
});

it('says which port is taken and what to do', async () => {
  const port = Number(new URL(board.url).port);
  await expect(
    startWeb({ queues: bus.queues, host: '127.0.0.1', port, role: 'viewer', now }),
  ).rejects.toMatchObject({
    kind: 'environment',
    code: 'port_taken',
    hint: expect.stringContaining('--port'),
  });
});

describe('what monitoring systems ask', () => {
  const monitor = { status: async () => 'not_ready' as const, metrics: async () => 'm 1\n' };
  let watched: Web;
  beforeAll(async () => {
    watched = await startWeb({
      queues: bus.queues,
      host: '127.0.0.1',
      port: 0,
      token: TOKEN,
      role: 'viewer',
      now,
      monitor,
    });
  });
  afterAll(() => watched.close());

  it('/healthz is open, tells one word, and says by its status whether work can be done', async () => {
    const answer = await ask('/healthz', { at: watched });
    expect([answer.status, answer.body]).toEqual([503, '{"status":"not_ready"}']);
    expect((await ask('/healthz', { at: watched, headers: { host: 'evil.example' } })).status).toBe(403);
  });

  it('/metrics wants the token', async () => {
    expect((await ask('/metrics', { at: watched })).status).toBe(401);
    const answer = await ask('/metrics', { at: watched, headers: bearer });
    expect([answer.status, answer.body]).toEqual([200, 'm 1\n']);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  });
});
