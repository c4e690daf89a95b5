import { expect, it } from 'vitest';
import type { DocumentStore } from '../../../src/factory/ports.ts';
import type { TokensFile } from '../../../src/factory/model/access.ts';
import { addToken, removeToken } from '../../../src/producers/web/auth/tokens.ts';
import { startWeb, type Web } from '../../../src/producers/web/web.ts';
import { askRaw, now, openBoards, TOKEN } from './boards.ts';

const QUEUES = '/queues/api/queues';
const { bus, board } = await openBoards();

async function signIn(at: Web, token: string): Promise<string> {
  const { headers } = await askRaw(at, `/?token=${token}`);
  return String(headers['set-cookie']?.[0]).split(';')[0] ?? '';
}

const statusOf = async (at: Web, headers: Record<string, string>, path = QUEUES): Promise<number> =>
  (await askRaw(at, path, { headers })).status;

function tokensInMemory(): DocumentStore<TokensFile> {
  let file: TokensFile = { schemaVersion: 1, version: 1, tokens: [] };
  const update: DocumentStore<TokensFile>['update'] = async (change) => {
    file = await change(file);
    return file;
  };
  return { get: async () => file, update, later: update };
}

it('A185 cookie-elsewhere: the cookie, which programs at other ports see as well, is no token, and good for nothing but as this board’s cookie', async () => {
  const cookie = await signIn(board, TOKEN);
  const [name = '', session = ''] = cookie.split('=');
  expect(name).toBe(`df_board_${new URL(board.url).port}`);
  expect(session).not.toBe(TOKEN);
  expect(await statusOf(board, { authorization: `Bearer ${session}` })).toBe(401);
  expect(await statusOf(board, { cookie: `${name}=${session}x` })).toBe(401);
  expect(await statusOf(board, {}, `/?token=${session}`)).toBe(401);
  expect(await statusOf(board, { cookie })).toBe(200);
  expect(await statusOf(board, { authorization: `Bearer ${TOKEN}` })).toBe(200);
});

it('A185 cookie-elsewhere: a session outlives its board, so that pages which were left open go on, and ends with its token', async () => {
  const tokens = tokensInMemory();
  const { token } = await addToken(tokens, { name: 'phone', role: 'viewer', now: now() });
  const start = (port: number) =>
    startWeb({ queues: bus.queues, host: '127.0.0.1', port, role: 'viewer', now, tokens: tokens.get });
  const first = await start(0);
  const cookie = await signIn(first, token);
  expect(cookie).not.toContain(token);
  expect(await statusOf(first, { cookie })).toBe(200);
  expect(await signIn(first, token), 'in a second window').toBe(cookie);
  await first.close();
  const next = await start(Number(new URL(first.url).port));
  expect(await statusOf(next, { cookie })).toBe(200);
  await removeToken(tokens, 'phone');
  const lost = await askRaw(next, QUEUES, { headers: { cookie } });
  expect(lost.status).toBe(401);
  expect(lost.body).toContain('Open the link that df board printed');
  await next.close();
});
