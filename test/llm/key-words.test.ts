import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../src/lib/text/redact.ts';
import { classifyAnswer } from '../../src/llm/failures.ts';

/** `status` is missing where it came as an event of a stream. */
function answer(status: number | undefined, body: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const told = { ...(status === undefined ? {} : { status }), headers: {}, body: text };
  return classifyAnswer('openai (gpt-4.1)', told, createRedactor([]), new Date('2026-11-22T12:00:00Z'));
}

describe('whose words tell of a key', () => {
  test('a page of a firewall says nothing about the key', () => {
    expect(answer(403, '<!DOCTYPE html><html>Sorry, you have been blocked</html>').kind).toBe('outage');
  });

  test.each([
    [403, { error: { type: 'forbidden', message: 'Request not allowed' } }],
    [403, { message: 'Forbidden' }],
    [403, 'error code: 1020'],
    [403, 'RBAC: access denied'],
    [403, ''],
    [401, ''],
    [401, { detail: 'Unauthorized' }],
    [401, { error: { message: 'User not found.', code: 401 } }],
  ])('A153 an answer %s that does not name the key is no word about it: %j', (status, body) => {
    expect(answer(status, body)).toMatchObject({ kind: 'config', code: 'refused_without_reason' });
  });

  const upstream = (message: string, raw: string) => ({
    error: {
      message,
      metadata: { raw: JSON.stringify({ error: { message: raw } }), provider_name: 'Anthropic' },
    },
  });

  test.each([
    [401, 'Provider returned error', 'invalid x-api-key'],
    [403, 'Provider returned error', 'Your API key does not have permission to use the specified resource.'],
    [403, 'Provider returned error', 'Your organization has been suspended. Your organization was banned.'],
  ])(
    'A153 an answer %s with words of a host behind the gateway is no word about its key: %s | %s',
    (status, ...said) => {
      const refused = { kind: 'config', code: 'refused_without_reason' };
      expect(answer(status, upstream(...said))).toMatchObject(refused);
      const event = { error: { ...upstream(...said).error, code: status } };
      expect(answer(undefined, event)).toMatchObject(refused);
    },
  );

  test.each([
    [401, upstream('No auth credentials found', 'whatever'), 'key'],
    [401, { error: { message: 'Provider returned error', metadata: { raw: 'invalid x-api-key' } } }, 'key'],
    [400, upstream('Provider returned error', 'Your credit balance is too low to access the API.'), 'money'],
    [
      400,
      upstream('Provider returned error', 'prompt is too long: 208310 tokens > 200000 maximum'),
      'context',
    ],
  ])(
    'what a gateway says itself, and what its hosts say of all else, counts: %s %j',
    (status, body, kind) => {
      expect(answer(status, body).kind).toBe(kind);
    },
  );

  test.each([
    "[{'type': 'missing', 'loc': ('body', 'messages'), 'input': {'content': 'Error: invalid API key for stripe'}}]",
    "Invalid value: 'Error: invalid API key for stripe'",
    'Failed to parse input at pos 0: Error: invalid API key for stripe',
    'Bad role in message 3: user says that your organization has been restricted',
    'Unexpected token in message 3: "This organization has been disabled."',
    "1 validation error: input_value={'content': 'insufficient credits, 余额不足'}",
  ])(
    'A153 words of the conversation that are repeated in a refusal tell nothing of key and money: %s',
    (message) => {
      expect(answer(400, { error: { message, type: 'invalid_request_error' } }).kind).toBe('request');
    },
  );
});
