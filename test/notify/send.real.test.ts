import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Notice } from '../../src/factory/model/notifications/notification.ts';
import { notificationTarget } from '../../src/factory/model/notifications/notification-target.ts';
import { createSender, secretsOf } from '../../src/notify/send.ts';
import { processesOf } from '../support/processes/process-list.ts';
import { until } from '../support/until.ts';
import { startReceiver } from './receiver.ts';

const NOTICE: Notice = {
  id: 'n-1',
  kind: 'failed',
  title: 'shop has failed',
  message: 'The agent is blocked <!everyone> & @here.',
  timestamp: '2026-01-02T03:04:05.000Z',
  project: { id: 'p', name: 'shop', status: 'failed', branch: 'df/shop', cost: 1.5 },
};
const SECRET = 'T0000-B1111-verysecretpath';
const never = new AbortController().signal;

async function open(env: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'notify-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const all = { PATH: process.env['PATH'] ?? '', ...env };
  const send = createSender({ env: all, folder, timeouts: { http: 700, command: 700 } });
  return { folder, send };
}
const target = (value: unknown) => notificationTarget.parse(value);

describe('a webhook', () => {
  it('is one POST with stable fields, and an id to tell repetitions by', async () => {
    const { url, received } = await startReceiver();
    const { send } = await open({ HOOK: `${url}/${SECRET}` });
    expect(await send(target({ type: 'webhook', url: 'env:HOOK' }), NOTICE, never)).toEqual({ ok: true });
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({
      path: `/${SECRET}`,
      headers: { 'x-darkfactory-id': 'n-1', 'x-darkfactory-kind': 'failed' },
      body: { version: 1, ...NOTICE },
    });
  });

  it.each([
    ['a server that fails', () => 500 as const, 'it answered with status 500'],
    [
      'a redirect, which is not followed',
      () => ({ status: 302, headers: { location: '/elsewhere' } }),
      'status 302',
    ],
    ['silence', () => 'silent' as const, 'no answer within 0.7 s'],
  ])('tells of %s, and of nothing that is secret', async (_what, mood, problem) => {
    const { url, received } = await startReceiver(mood);
    const { send } = await open();
    const sent = await send(target({ type: 'webhook', url: `${url}/${SECRET}` }), NOTICE, never);
    expect(sent).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
    expect(JSON.stringify(sent)).not.toContain(SECRET);
    expect(JSON.stringify(sent)).not.toContain(url);
    expect(received).toHaveLength(1);
  });

  it('tells of a closed port and of a variable that is not set, without the address', async () => {
    const { url, close } = await startReceiver();
    await close();
    const { send } = await open();
    const closed = await send(target({ type: 'webhook', url: `${url}/${SECRET}` }), NOTICE, never);
    expect(closed).toEqual({ ok: false, problem: 'it could not be reached (ECONNREFUSED)' });
    const missing = await send(target({ type: 'webhook', url: 'env:NOT_SET' }), NOTICE, never);
    expect(missing).toEqual({ ok: false, problem: 'the variable NOT_SET holds no http(s) address' });
  });

  it('takes the wait that the receiver asks for', async () => {
    const { url } = await startReceiver(() => ({ status: 429, headers: { 'retry-after': '1.5' } }));
    const { send } = await open();
    expect(await send(target({ type: 'discord', url }), NOTICE, never)).toMatchObject({
      retryAfterMs: 1_500,
    });
  });

  it('ends at once when the worker goes down', async () => {
    const { url, received } = await startReceiver(() => 'silent');
    const { send } = await open();
    const cut = new AbortController();
    const sent = send(target({ type: 'webhook', url }), NOTICE, cut.signal);
    await until(() => received.length === 1, 5_000);
    cut.abort();
    expect(await sent).toEqual({ ok: false, problem: 'the worker is going down' });
  });
});

describe('chats', () => {
  it('Slack gets plain-text blocks, and a fallback in which nothing is a mention', async () => {
    const { url, received } = await startReceiver();
    const { send } = await open();
    await send(target({ type: 'slack', url }), NOTICE, never);
    const { text, blocks } = (received[0]?.body ?? {}) as {
      text: string;
      blocks: { text: { type: string } }[];
    };
    expect(text).toContain('&lt;!everyone&gt; &amp;');
    expect(blocks.map((block) => block.text.type)).toEqual(['plain_text', 'plain_text']);
  });

  it('Discord gets an embed within its limits that mentions nobody', async () => {
    const { url, received } = await startReceiver();
    const { send } = await open();
    const long = { ...NOTICE, title: 't'.repeat(500), message: `**bold** ${'x'.repeat(9_000)}` };
    await send(target({ type: 'discord', url }), long, never);
    expect(received[0]?.body).toMatchObject({ allowed_mentions: { parse: [] } });
    const { embeds } = (received[0]?.body ?? {}) as { embeds: { title: string; description: string }[] };
    expect(embeds[0]?.title.length).toBeLessThanOrEqual(256);
    expect(embeds[0]?.description.length).toBeLessThanOrEqual(4_096);
    expect(embeds[0]?.description).toContain('\\*\\*bold');
  });
});

describe('a command', () => {
  it('gets the notice on stdin, a small environment without keys, and the home as its folder', async () => {
    const { folder, send } = await open({ OPENAI_API_KEY: 'sk-test-0123456789abcdef', HOME: '/home/me' });
    const command = 'cat > got.json; env > env.txt';
    expect(await send(target({ type: 'command', command }), NOTICE, never)).toEqual({ ok: true });
    expect(JSON.parse(await readFile(join(folder, 'got.json'), 'utf8'))).toEqual({ version: 1, ...NOTICE });
    const env = await readFile(join(folder, 'env.txt'), 'utf8');
    expect(env).toContain('DF_NOTICE_ID=n-1');
    expect(env).toContain('HOME=/home/me');
    expect(env).not.toContain('sk-test');
  });

  it('that fails says how, without keys; one that ignores its input is fine', async () => {
    const { send } = await open();
    const loud = 'echo no bell, key sk-test-0123456789abcdef >&2; exit 3';
    expect(await send(target({ type: 'command', command: loud }), NOTICE, never)).toEqual({
      ok: false,
      problem: 'it ended with 3: no bell, key [redacted]',
    });
    const big = { ...NOTICE, message: 'x'.repeat(500_000) };
    expect(await send(target({ type: 'command', command: 'true' }), big, never)).toEqual({ ok: true });
  });

  it('that hangs is killed with its children after its time', async () => {
    const { send } = await open();
    const hung = await send(target({ type: 'command', command: 'sleep 619 & sleep 619' }), NOTICE, never);
    expect(hung).toEqual({ ok: false, problem: 'it took longer than 0.7 s' });
    await until(() => processesOf('').every(({ command }) => command !== 'sleep 619'), 5_000);
  });
});

describe('what must not be said of a target', () => {
  it('is its address, and the long parts of it', () => {
    const url = `https://hooks.example/services/${SECRET}?token=0123456789abcdefgh`;
    expect(secretsOf([target({ type: 'slack', url: 'env:HOOK' })], { HOOK: url })).toEqual([
      url,
      SECRET,
      '0123456789abcdefgh',
    ]);
  });

  it('a url that is none is refused without repeating it', () => {
    const parsed = notificationTarget.safeParse({ type: 'webhook', url: 'ftp://u:secretsecret@x' });
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).not.toContain('secretsecret');
  });
});
