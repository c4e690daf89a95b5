import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../src/lib/text/redact.ts';
import { classifyAnswer, classifyNetwork, FAILURE_ROWS, NETWORK_ROWS } from '../../src/llm/failures.ts';
import { FAILURE_EXAMPLES } from './failure-examples/all.ts';
import { NETWORK_EXAMPLES } from './failure-examples/network.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const redactor = createRedactor(['my-own-secret-key']);

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  classifyAnswer(
    'openai (gpt-4.1)',
    { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
    redactor,
    NOW,
  );

describe('the table of known wordings', () => {
  test.each(FAILURE_ROWS.map((row) => [row.name, row] as const))(
    'the example of %s is found by its own row',
    (_name, row) => {
      const example = FAILURE_EXAMPLES[row.name];
      const failure = answer(example?.status ?? 0, example?.body, example?.headers);
      expect(failure).toMatchObject({ ok: false, code: row.name, kind: row.kind, status: example?.status });
      expect(failure.message).toContain(row.says);
      expect(failure.repair).toBe(row.repair);
    },
  );

  test('no example is of a row that is not there', () => {
    const names = FAILURE_ROWS.map((row) => row.name);
    expect(Object.keys(FAILURE_EXAMPLES).sort()).toEqual([...names].sort());
  });

  test('names are unique', () => {
    expect(new Set(FAILURE_ROWS.map((row) => row.name)).size).toBe(FAILURE_ROWS.length);
  });

  test.each(NETWORK_ROWS.map((row) => [NETWORK_EXAMPLES[row.codes[0] ?? ''], row] as const))(
    'the network failure %s is known',
    (code, row) => {
      const cause = Object.assign(new Error(`connect ${code} 10.0.0.1:443`), { code });
      const failure = classifyNetwork('x', new TypeError('fetch failed', { cause }), redactor);
      expect(failure).toMatchObject({ kind: 'outage', code, perhapsBilled: row.perhapsBilled });
      expect(failure.message).toContain(row.says);
    },
  );

  test.each([
    ['connect', 'ETIMEDOUT', false],
    ['connect', 'EHOSTUNREACH', false],
    ['getaddrinfo', 'EAI_AGAIN', false],
    ['read', 'ETIMEDOUT', true],
    ['read', 'EHOSTUNREACH', true],
    ['write', 'ENETDOWN', true],
    ['write', 'EPROTO', true],
  ])('%s %s: only on a connection that stood may the request be on the bill', (syscall, code, billed) => {
    const cause = Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
    const failure = classifyNetwork('x', new TypeError('fetch failed', { cause }), redactor);
    expect(failure).toMatchObject({ kind: 'outage', code, perhapsBilled: billed });
  });

  test.each([
    [400, 'request'],
    [406, 'request'],
    [418, 'request'],
    [422, 'request'],
    [431, 'request'],
    [599, 'outage'],
    [507, 'outage'],
  ])('an answer %s that no row knows is a failure of the kind %s', (status, kind) => {
    expect(answer(status, { error: { message: 'Frobnication failed' } })).toMatchObject({
      kind,
      code: 'unknown_answer',
      unknown: true,
    });
  });

  test('an unknown answer shows its whole body, redacted', () => {
    const failure = answer(418, 'teapot: my-own-secret-key and sk-abcdefghijkl');
    expect(failure.message).toContain('teapot: [redacted] and [redacted]');
    const page = answer(400, 'x'.repeat(100_000));
    expect(page.message.length).toBeLessThan(17_000);
    expect(page.message).toContain('more characters');
  });

  test('an unknown network failure is an outage that perhaps was billed', () => {
    const failure = classifyNetwork('x', new Error('with my-own-secret-key'), redactor);
    expect(failure).toMatchObject({ kind: 'outage', perhapsBilled: true });
    expect(failure.message).not.toContain('my-own-secret-key');
  });

  test('an aggregate of refused connections is a refused connection', () => {
    const inner = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const cause = new AggregateError([inner]);
    expect(classifyNetwork('x', new TypeError('fetch failed', { cause }), redactor).code).toBe(
      'ECONNREFUSED',
    );
  });
});

describe('times', () => {
  const rate = { error: { message: 'slow down', type: 'requests', code: 'rate_limit_exceeded' } };
  test.each([
    [{ 'retry-after': '30' }, 30_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '1500', 'retry-after': '30' }, 1_500],
    [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:45 GMT' }, 45_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '99999999' }, undefined],
    [{ 'x-ratelimit-reset-requests': '1m2.5s' }, 62_500],
    [{ 'x-ratelimit-reset-requests': '20ms', 'x-ratelimit-reset-tokens': '6m0s' }, 360_000],
    [
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '2s',
        'x-ratelimit-remaining-tokens': '900',
        'x-ratelimit-reset-tokens': '6m0s',
      },
      2_000,
    ],
    [{ 'anthropic-ratelimit-input-tokens-reset': '2026-11-22T12:00:10Z' }, 10_000],
    [{ 'x-ratelimit-reset': String(NOW.getTime() + 7_000) }, 7_000],
    [{ 'x-ratelimit-reset': String(NOW.getTime() / 1_000 + 8) }, 8_000],
    [{}, undefined],
  ])('headers %o mean a wait of %s ms', (headers, wait) => {
    const failure = answer(429, rate, headers);
    expect(failure.retryAfterMs).toBe(wait);
    expect(failure.resetAt?.getTime()).toBe(wait === undefined ? undefined : NOW.getTime() + wait);
  });

  test.each([
    ['Please try again in 120ms.', 120],
    ['Please try again in 1m30.5s.', 90_500],
    ['Try again in 5 seconds.', 5_000],
    ['Please retry after 2 minutes', 120_000],
    ['{"retryDelay": "34s"}', 34_000],
    ['Please wait 90 seconds before retrying.', 90_000],
    ['Please wait.', undefined],
  ])('the words "%s" mean a wait of %s ms', (message, wait) => {
    expect(answer(429, { error: { ...rate.error, message } }).retryAfterMs).toBe(wait);
  });

  test.each([
    ['2026-12-01 at 00:00 UTC', '2026-12-01T00:00:00.000Z'],
    ['2026-12-01', '2026-12-01T00:00:00.000Z'],
    ['December 1, 2026 at 09:30 UTC', '2026-12-01T09:30:00.000Z'],
  ])('"regain access on %s" is %s', (words, moment) => {
    const message = `You have reached your specified API usage limits. You will regain access on ${words}.`;
    const failure = answer(400, { type: 'error', error: { type: 'invalid_request_error', message } });
    expect(failure).toMatchObject({ kind: 'money', resetAt: new Date(moment) });
  });

  test.each([
    ['resets at 2026-11-22T15:00:00Z (2056)', '2026-11-22T15:00:00.000Z'],
    ['It will reset at 2026-11-30 05:00:00 +0800 CST.', '2026-11-29T21:00:00.000Z'],
    ['Your limit will reset at 2026-11-30 05:38:28', undefined],
  ])('a plan that is used up (%s) comes back at %s', (words, moment) => {
    const failure = answer(429, {
      error: { message: `Usage limit reached for 5 hour. ${words}`, code: '1308' },
    });
    expect(failure.kind).toBe('money');
    expect(failure.resetAt?.toISOString()).toBe(moment);
  });

  test('a monthly limit that names no time ends with the month', () => {
    const body = { error: { message: 'limit', code: 'project_spend_limit_exceeded' } };
    expect(answer(429, body).resetAt).toEqual(new Date('2026-12-01T00:00:00Z'));
  });

  test('a retry-after beside an empty account does not say when money comes', () => {
    const body = { error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } };
    expect(answer(429, body, { 'retry-after': '1' })).not.toHaveProperty('retryAfterMs');
  });
});

describe('bodies', () => {
  test.each([
    ['a list', '[{"error":{"code":402,"message":"Insufficient credits"}}]', 'money'],
    ['an error text', '{"error":"insufficient funds"}', 'money'],
    ['a detail', '{"detail":"This model\'s maximum context length is 8192 tokens"}', 'context'],
    [
      'an upstream error in the metadata',
      '{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"prompt is too long"}}}',
      'context',
    ],
  ])('%s is read', (_name, body, kind) => expect(answer(400, body).kind).toBe(kind));

  test('a late error takes its status from the body and was perhaps billed after words had come', () => {
    const failure = classifyAnswer(
      'x',
      { headers: {}, body: '{"error":{"message":"Insufficient credits","code":402}}', begun: 'speaking' },
      redactor,
      NOW,
    );
    expect(failure).toMatchObject({ kind: 'money', status: 402, perhapsBilled: true });
  });

  test('a refused request was not billed, a gateway that gave up perhaps was', () => {
    expect(answer(500, '{}').perhapsBilled).toBe(false);
    expect(answer(504, '').perhapsBilled).toBe(true);
    expect(answer(200, '{"id":"chatcmpl-1","choi').perhapsBilled).toBe(true);
    expect(answer(200, '<html>sign in</html>').perhapsBilled).toBe(false);
    expect(answer(200, { error: { message: 'overloaded', code: 503 } }).perhapsBilled).toBe(false);
  });
});
