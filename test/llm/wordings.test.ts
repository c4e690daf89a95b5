import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createRedactor } from '../../src/lib/text/redact.ts';
import { classifyAnswer } from '../../src/llm/failures.ts';

const NOW = new Date('2026-11-29T20:00:00Z');

interface Wording {
  kind: string;
  vendor: string;
  /** Missing: it came as an event of a stream. */
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** Answers of vendors as their users meet them, one a line, with what they mean. */
const WORDINGS = readFileSync('test/llm/wordings.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line): Wording => JSON.parse(line));

function classify({ vendor, status, headers = {}, body }: Omit<Wording, 'kind'>) {
  const answer = {
    ...(status === undefined ? {} : { status }),
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
  return classifyAnswer(vendor, answer, createRedactor([]), NOW);
}

const inShort = ({ body }: Wording) => JSON.stringify(body).slice(0, 100);

test.each(
  WORDINGS.map(
    (each) => [each.vendor, each.status ?? 'in a stream', each.kind, inShort(each), each] as const,
  ),
)('an answer of %s (%s) means %s: %s', (_vendor, _status, kind, _inShort, answer) => {
  expect(classify(answer)).toMatchObject({ kind });
});

test.each([
  ['DashScope', '<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 32768]'],
  ['DeepSeek', 'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]'],
  [
    'Groq',
    '`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model',
  ],
])('an answer of %s that names the longest output has the limit lowered: %s', (vendor, message) => {
  const error = { message, type: 'invalid_request_error', code: 'invalid_parameter_error' };
  expect(classify({ vendor, status: 400, body: { error } })).toMatchObject({
    kind: 'request',
    repair: 'lower_limit',
  });
});

/** As text, in the words of LiteLLM. */
const wrapped = (error: unknown) => ({
  message: `litellm.RateLimitError: geminiException - ${JSON.stringify({ error })}`,
});

test.each([
  ['PerDay', '2026-11-30T08:00:00.000Z'],
  ['PerMinute', '2026-11-29T20:00:18.000Z'],
])("Google's quota %s of a model ends at %s", (span, end) => {
  const details = [
    { violations: [{ quotaId: `GenerateRequests${span}PerProjectPerModel` }] },
    { retryDelay: '18s' },
  ];
  const error = { code: 429, message: 'Please retry in 18s.', status: 'RESOURCE_EXHAUSTED', details };
  for (const body of [[{ error }], { error: wrapped(error) }]) {
    expect(classify({ vendor: 'Google', status: 429, body }).resetAt?.toISOString()).toBe(end);
  }
});

test.each([
  ['Please retry in 38.9s.', 'rate', 38_900],
  ['Learn more: https://help.aliyun.com/zh/model-studio/error-code#token-limit.', 'rate', undefined],
  ['You have been rate limited. Your rate limit is 60 queries per minute.', 'rate', undefined],
  ['Please check your plan and billing details.', 'money', undefined],
  ['Please retry in 3 months.', 'money', undefined],
])('A178 a quota that is exceeded, with the words "%s", is a matter of %s', (words, kind, retryAfterMs) => {
  for (const code of ['insufficient_quota', 'credit_limit', null]) {
    const error = { message: `You exceeded your current quota. ${words}`, code };
    const failure = classify({ vendor: 'x', status: 429, body: { error } });
    expect([failure.kind, failure.retryAfterMs]).toEqual([kind, retryAfterMs]);
    // With another status it is no limit of a minute, whatever it says.
    expect(classify({ vendor: 'x', status: 402, body: { error } }).kind).toBe('money');
  }
});
