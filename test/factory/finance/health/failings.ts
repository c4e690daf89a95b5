import type { Fault } from '../../../support/model-server/index.ts';

export type Failing = Fault;

export const http = (status: number, body: string, headers: Record<string, string> = {}): Failing => ({
  fault: 'http',
  status,
  body,
  headers: { 'content-type': 'application/json', ...headers },
});
const usage = { prompt_tokens: 90_000, completion_tokens: 7, total_tokens: 90_007 };
const event = (data: unknown) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const stream = (...events: unknown[]) =>
  http(200, events.map(event).join(''), { 'content-type': 'text/event-stream' });
const said = { choices: [{ index: 0, delta: { content: 'hel' }, finish_reason: null }] };

/** What repeats on every real call, while a probe is answered. */
export const FAILINGS: [string, Failing, { billed: boolean; money?: boolean; calls?: number }][] = [
  [
    'a 400 that no row knows',
    http(400, '{"error":{"message":"Frobnication is not possible"}}'),
    { billed: false },
  ],
  [
    'a 402 for large requests alone',
    http(402, '{"error":{"message":"Frobnication requires more credits, or fewer max_tokens"}}'),
    { billed: false, money: true },
  ],
  [
    'a money refusal by its words',
    http(429, '{"error":{"message":"Frobnication: usage limit reached for 5 hour"}}'),
    { billed: false, money: true },
  ],
  ['a 404', http(404, '{"error":{"message":"Frobnication is nowhere"}}'), { billed: false, calls: 12 }],
  [
    'a wrong deployment',
    http(400, '{"error":{"message":"Frobnication: model not exist"}}'),
    { billed: false },
  ],
  ['a 422', http(422, '{"detail":"Frobnication is not possible"}'), { billed: false }],
  ['a 500', http(500, '{"error":{"message":"Frobnication is not possible"}}'), { billed: false }],
  [
    'usage and [DONE] without a reason to stop',
    stream(said, { choices: [], usage }, '[DONE]'),
    { billed: true },
  ],
  [
    'a reason to stop that says broken',
    stream(said, { choices: [{ delta: {}, finish_reason: 'error' }], usage }, '[DONE]'),
    { billed: true },
  ],
  ['a stream that is no JSON', stream(said, '{"choices": [{'), { billed: true }],
  [
    'a web page with status 200',
    http(200, '<!doctype html><title>Frobnication is not possible</title>', { 'content-type': 'text/html' }),
    { billed: false },
  ],
  ['an answer in no known form', http(200, '{"answer":"Frobnication is not possible"}'), { billed: true }],
  ['a cut reply', { fault: 'cut' }, { billed: true }],
];
