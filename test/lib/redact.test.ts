import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor, REDACTED, redactText, redactValue } from '../../src/lib/text/redact.ts';

describe('redaction of texts', () => {
  test.each([
    ['OpenAI', 'key sk-proj-abcDEF0123456789_-xyz failed'],
    ['Anthropic', 'key sk-ant-api03-AbCdEf0123456789 failed'],
    ['a masked key', 'Incorrect API key provided: sk-abcd********wxyz.'],
    ['a bearer header', 'authorization: Bearer abcdef0123456789'],
    ['a bearer in prose', 'sent Bearer eyJhbGciOi.J9.abc-123'],
    ['x-api-key', '{"x-api-key":"quite-secret-words"}'],
    ['escaped JSON', '{\\"apiKey\\":\\"quite-secret-words\\"}'],
    ['Stripe', 'sk_live_abcdefgh12345678'],
    ['GitHub', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
    ['Amazon', 'AKIAABCDEFGHIJKLMNOP'],
    ['a URL password', 'redis://default:hunter2hunter2@host:6379/0'],
  ])('%s is taken out', (_name, text) => {
    const output = redactText(text);
    expect(output).toContain(REDACTED);
    for (const secret of ['abcDEF', 'AbCdEf', 'wxyz', 'abcdef', 'eyJ', 'quite-secret', 'hunter2', 'ABCDEF']) {
      expect(output).not.toContain(secret);
    }
  });

  test('a private key is taken out, whole or cut', () => {
    const whole = 'a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\nb';
    expect(redactText(whole)).toBe(`a\n-----BEGIN RSA PRIVATE KEY-----${REDACTED}\nb`);
    expect(redactText('-----BEGIN PRIVATE KEY-----\nMIIEow')).not.toContain('MIIEow');
  });

  test.each([
    'a task-force of the risk-based-approach',
    'basic authentication',
    'the bearer of news',
    'max_tokens=200',
  ])('ordinary words stay: %s', (text) => expect(redactText(text)).toBe(text));

  test('a known secret is gone from any text around it, also escaped', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 5, unit: 'grapheme-ascii' }),
        fc.string(),
        fc.string(),
        (secret, a, b) => {
          fc.pre(!REDACTED.includes(secret) && secret.trim() === secret);
          const redact = createRedactor([secret]);
          expect(redact.text(`${a}${secret}${b}`).split(REDACTED).join('\0')).not.toContain(secret);
          expect(JSON.stringify(redact.value({ deep: [{ text: `${a}${secret}${b}` }] }))).toContain(REDACTED);
          expect(redact.text(encodeURIComponent(secret))).toContain(REDACTED);
        },
      ),
    );
  });

  test('a secret that begins with another one leaves nothing behind', () => {
    expect(redactText('abcde-fghij', ['abcde', 'abcde-fghij'])).toBe(REDACTED);
  });
});

describe('redaction of values', () => {
  test('secret fields, nested texts, field names and errors are covered', () => {
    const error = new Error('refused sk-abcdef0123456789', { cause: new Error('Bearer abcdef0123456789') });
    const output = JSON.stringify(
      redactValue({
        headers: { Authorization: 'zzz', 'Set-Cookie': 'a=b' },
        provider: { apiKey: 'encrypted:zzz', id: 'openai' },
        list: [new Map([['k', 'sk-abcdef0123456789']]), new Set(['ok'])],
        'sk-abcdef0123456789': 1,
        error,
      }),
    );
    expect(output).not.toMatch(/zzz|abcdef|a=b/);
    expect(output).toContain('refused');
    expect(output).toContain('"id":"openai"');
  });

  test('names of variables, numbers, dates and token counts stay', () => {
    const value = {
      apiKey: 'env:OPENAI_API_KEY',
      tokensUsed: 12,
      at: new Date(0),
      none: null,
      empty: { apiKey: '' },
    };
    expect(redactValue(value)).toEqual(value);
  });

  test('cycles and great depth end', () => {
    const loop: Record<string, unknown> = { name: 'loop' };
    loop.self = loop;
    expect(redactValue(loop)).toEqual({ name: 'loop', self: '[circular]' });
    let deep: unknown = 'end';
    for (let level = 0; level < 100; level += 1) deep = [deep];
    expect(JSON.stringify(redactValue(deep))).toContain('too deep');
  });
});
